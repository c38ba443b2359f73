//! The client against scripted servers that misbehave, and against the real one.

mod entering;
mod scripted;
