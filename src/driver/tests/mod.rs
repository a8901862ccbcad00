//! The driver with sessions in memory: a small wave from launch to closure, and everything that can come between.

mod backlog;
mod bench;
mod context7;
mod edits;
mod fallback;
mod flow;
mod live;
mod plans;
mod restart;
mod world;
