/// What a service's author writes: the state between acquired and serving, with its two ways out.
public protocol Preparation: ~Copyable, Sendable {
    /// Serves until asked to stop or until it cannot go on, releases everything, and returns the proof.
    consuming func run(_ lifetime: consuming Lifetime) async -> Exit

    /// Releases everything without having served: the roll-back.
    consuming func discard() async
}
