//! Every statement that a request can run goes by an index.
