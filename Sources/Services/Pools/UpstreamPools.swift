/// Who uses which member of each pool; one object for the daemon, like the table of listeners.
package final class UpstreamPools: Sendable {
    package init() {}
}
