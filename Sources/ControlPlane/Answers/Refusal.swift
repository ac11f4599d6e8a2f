/// The body of every answer that is no success and no verdict.
package struct Refusal: Error, Codable, Hashable, Sendable {
    /// Why a request was refused.
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// Nothing has that name.
        case unknownName = "unknown-name"
        /// The request itself is wrong.
        case badRequest = "bad-request"
        case notFound = "not-found"
        case forbidden
        /// It is larger than allowed, or there are too many.
        case tooMuch = "too-much"
        /// There is nothing to confirm.
        case nothingToConfirm = "nothing-to-confirm"
        /// The daemon is ending.
        case ending
    }

    package var version = 1
    package var kind: Kind
    /// One sentence that starts with "cannot" and ends with what to do.
    package var message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
