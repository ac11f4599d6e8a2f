/// How the members of a pool are looked after: the key `check`.
package struct PoolCheck: Hashable, Sendable {
    /// Between two checks of one member; each differs by up to a tenth.
    package var interval = Duration.seconds(60)
    package var timeout = Duration.seconds(5)

    package init() {}
}
