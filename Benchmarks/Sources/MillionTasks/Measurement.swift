import Glibc

/// What one run took.
struct Measurement: Sendable {
    var name: String
    /// Until the last task was submitted.
    var created: Duration
    /// How many tasks lived at a time, as far as samples tell.
    var most: Int
    var total: Duration

    /// The peak of the resident memory in KiB, as the kernel counts it.
    static func peak() -> Int {
        guard let file = fopen("/proc/self/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            if text.hasPrefix("VmHWM:") { return text.split { !$0.isNumber }.first.flatMap { Int($0) } ?? 0 }
        }
        return 0
    }

    func text(asJSON: Bool) -> String {
        let created = Self.seconds(created)
        let total = Self.seconds(total)
        let peak = Self.peak()
        if asJSON {
            let times = #""created": \#(created), "total": \#(total)"#
            return #"{"name": "\#(name)", \#(times), "most": \#(most), "peak_kib": \#(peak)}"#
        }
        return "\(name): created in \(created) s, at most \(most) at a time, peak \(peak / 1024) MiB, total \(total) s"
    }

    private static func seconds(_ duration: Duration) -> String {
        let milliseconds = Int(duration / .milliseconds(1))
        let fraction = String(milliseconds % 1_000)
        return "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
