/// One datagram of the notification protocol.
package struct Notification: Sendable, CustomStringConvertible {
    package let text: String

    package var description: String { text }

    package func value(_ key: String) -> String? {
        for line in text.split(separator: "\n") where line.hasPrefix(key + "=") {
            return String(line.dropFirst(key.count + 1))
        }
        return nil
    }

    package var isReady: Bool { value("READY") == "1" }
    package var isReloading: Bool { value("RELOADING") == "1" }
    package var isStopping: Bool { value("STOPPING") == "1" }
    package var isWatchdog: Bool { value("WATCHDOG") == "1" }
    package var status: String? { value("STATUS") }
}
