//! The rule table: rules over a whole project, beside what the parser itself finds.
