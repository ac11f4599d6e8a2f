/// One of the two channels of a relay.
enum RelaySide {
    case client
    case upstream

    var other: RelaySide {
        switch self {
        case .client: .upstream
        case .upstream: .client
        }
    }
}
