/// Something that a stall detector watches; the way to end the watch.
public struct StallRegistration: Hashable, Sendable {
    let number: UInt64
}
