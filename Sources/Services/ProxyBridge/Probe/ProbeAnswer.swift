import ServiceConfiguration

/// What a probe has found out about an upstream.
package enum ProbeAnswer: Hashable, Sendable {
    case accepted
    /// It does not take the credential; the text completes "cannot use the upstream ...:" and says what to do.
    case rejected(String)
    /// It cannot be used, whatever the credential: the word of the failure, and what to do.
    case unusable(String, advice: String)
    /// It cannot be reached, by a probe that is about something else; never in the way of a load.
    case unreachable(String)
    /// Nothing is certain; never in the way of a load. The word is that of the failure.
    case inconclusive(String)

    /// Judges how a probe went.
    ///
    /// A refusal of the destination is a success of the mode `auth`: the upstream has looked at the credential first.
    static func judge(
        _ result: Result<Void, BridgeFailure>,
        mode: BridgeProbe.Mode,
        on upstream: UpstreamRoute,
        isDialled: Bool
    ) -> ProbeAnswer {
        guard case .failure(let failure) = result else { return .accepted }
        let attribution = failure.attribution(on: upstream, isDialled: isDialled)
        if case .upstreamAuth = attribution { return .rejected(refusal(failure, by: upstream)) }
        switch (mode, attribution) {
        case (_, .bridge): return .inconclusive(failure.word)
        case (.auth, .targetDown) where isDialled, (.auth, .policy): return .accepted
        case (.tcp, _), (.target, .upstreamDown): return unusable(failure, upstream)
        // As certain as a refused credential: it will be the same at the next request.
        case (.auth, .upstreamDown) where failure == .tlsCertificate: return unusable(failure, upstream)
        case (.auth, .upstreamDown): return .unreachable(failure.word)
        case (.off, _), (.auth, _), (.target, _): return .inconclusive(failure.word)
        }
    }

    private static func unusable(_ failure: BridgeFailure, _ upstream: UpstreamRoute) -> ProbeAnswer {
        guard case .proxy(let proxy) = upstream else { return .inconclusive(failure.word) }
        let hop = NextHop.upstream(hasCredential: proxy.credential != nil)
        return .unusable(failure.word, advice: failure.advice(at: hop))
    }

    private static func refusal(_ failure: BridgeFailure, by upstream: UpstreamRoute) -> String {
        let status = failure.receivedStatus.map { " (\($0))" } ?? ""
        guard case .proxy(let proxy) = upstream, proxy.credential == nil else {
            return "it refused the credential\(status); correct the user name or the password"
        }
        return "it wants a credential\(status); add `username` and `password`"
    }
}
