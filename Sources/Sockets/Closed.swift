/// The proof that a service's listening sockets are closed.
package struct Closed: ~Copyable, Sendable {
    init() {}
}
