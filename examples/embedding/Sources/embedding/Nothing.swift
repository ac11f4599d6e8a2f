import Supervision

/// The receipt of a service that holds nothing: there is nothing to prove.
struct Nothing: ~Copyable, Receipt {}
