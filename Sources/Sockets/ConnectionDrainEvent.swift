/// Asks a connection to end as soon as it has nothing to do; its handlers get it as an inbound user event.
///
/// An idle keep-alive connection closes, an echo closes when everything it received is written back; a relay goes on
/// until its ends close. What does not end within the drain time is cut.
package struct ConnectionDrainEvent: Sendable {
    package init() {}
}
