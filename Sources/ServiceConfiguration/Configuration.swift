/// A validated configuration: everything that `services.yaml` asks for, with defaults filled in.
package struct Configuration: Hashable, Sendable {
    package var log = LogSettings()
    package var shutdown = ShutdownSettings()
    /// Every instance of every enabled service; a service comes after those it requires.
    package var services: [ServiceSpecification] = []

    /// Every group, or instance of one; a group comes after those that it contains.
    package var groups: [GroupSettings] = []

    package var control = ControlSettings()
    /// Nil: there is no status page.
    package var status: StatusSettings?
    /// Where the daemon itself answers, as services that the listener table and the tree can run.
    package var endpoints: [ServiceSpecification] = []

    package init() {}
}
