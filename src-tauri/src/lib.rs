//! The desktop shell of Confab.
