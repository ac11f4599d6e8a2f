import NIOCore

/// For how long a refused credential is not shown again: providers lock accounts that ask again and again.
///
/// When it is over one request may try; each refusal that this brings makes the next pause longer.
struct RefusalPause: Sendable {
    private static let first = Duration.seconds(30)
    private static let longest = Duration.seconds(1800)
    /// How long the one request that tries holds the others back, should its answer never come.
    private static let trial = TimeAmount.seconds(30)

    /// The last refusal.
    private(set) var refusal: CredentialRefusal
    private var last: NIODeadline
    private var length = RefusalPause.first
    private var until: NIODeadline
    /// Somebody tries; `until` is the end of that.
    private var isTried = false

    init(_ refusal: CredentialRefusal, at now: NIODeadline) {
        self.refusal = refusal
        last = now
        until = now + TimeAmount(length)
    }

    /// How long the credential is still held back; nil: it is not.
    func rest(at now: NIODeadline) -> TimeAmount? { now < until ? until - now : nil }

    /// How long ago the last refusal was.
    func age(at now: NIODeadline) -> TimeAmount { now - last }

    /// Lets whoever asks first after the pause try.
    mutating func beginTrial(at now: NIODeadline) -> Bool {
        guard until <= now else { return false }
        isTried = true
        until = now + Self.trial
        return true
    }

    /// What was under way when the pause began tells nothing new, however much of it there was.
    mutating func refuse(_ refusal: CredentialRefusal, at now: NIODeadline) {
        self.refusal = refusal
        last = now
        guard isTried || until <= now else { return }
        isTried = false
        length = min(length * 2, Self.longest)
        until = now + TimeAmount(length)
    }
}
