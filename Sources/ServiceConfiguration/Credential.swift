/// A user name and a password for Basic authentication (RFC 7617); both were checked for what it cannot carry.
package struct Credential: Hashable, Sendable {
    package var username: Secret
    package var password: Secret

    package init(username: Secret, password: Secret) {
        self.username = username
        self.password = password
    }
}
