//! The driver with sessions in memory: a small wave from launch to closure, and everything that can come between.

mod backlog;
mod bench;
mod edits;
mod flow;
mod live;
mod restart;
mod world;
