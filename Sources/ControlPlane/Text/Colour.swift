/// What a colour means on a terminal; nothing is said by colour alone.
package enum Colour: Sendable {
    case good
    case busy
    case bad
    case quiet
    case strong

    /// The parameter of the escape sequence, one of the sixteen colours that follow the user's own theme.
    var code: String {
        switch self {
        case .good: "32"
        case .busy: "33"
        case .bad: "31"
        case .quiet: "2"
        case .strong: "1"
        }
    }
}
