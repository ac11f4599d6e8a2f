import Glibc
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Daemon

struct FileWatchTests {
    /// A record of inotify(7).
    private func record(_ name: String, mask: UInt32 = 8) -> ByteBuffer {
        var buffer = ByteBuffer()
        let padded = Array(name.utf8) + [UInt8](repeating: 0, count: name.isEmpty ? 0 : 16 - name.utf8.count % 16)
        buffer.writeInteger(Int32(1), endianness: .host)
        buffer.writeInteger(mask, endianness: .host)
        buffer.writeInteger(UInt32(0), endianness: .host)
        buffer.writeInteger(UInt32(padded.count), endianness: .host)
        buffer.writeBytes(padded)
        return buffer
    }

    @Test func `records are read whole, wherever the bytes are cut`() {
        var all = record("services.yaml")
        all.writeImmutableBuffer(record(""))
        for cut in 0...all.readableBytes {
            var (buffer, rest) = (ByteBuffer(), all)
            var names: [String] = []
            var first = rest.readSlice(length: cut) ?? ByteBuffer()
            buffer.writeBuffer(&first)
            while let event = FileEvent(from: &buffer) { names.append(event.name) }
            buffer.writeBuffer(&rest)
            while let event = FileEvent(from: &buffer) { names.append(event.name) }
            #expect(names == ["services.yaml", ""])
        }
    }

    @Test func `what matters is what was read, the folders that were listed and the link of a mounted volume`() {
        var folders = WatchedFolders()
        _ = folders.begin()
        folders.note(file: "/etc/s/services.yaml")
        folders.note(folder: "/etc/s/conf.d")
        folders.note(file: "plain.yaml")
        folders.note(file: "/top.yaml")
        let cases = [
            ("services.yaml", "/etc/s", true), ("services.yaml.swp", "/etc/s", false), ("..data", "/etc/s", true),
            ("any", "/etc/s/conf.d", true), ("services.yaml", "/etc", false), ("plain.yaml", ".", true),
            ("top.yaml", "/", true),
        ]
        for (name, folder, matters) in cases {
            #expect(folders.matters(name, in: folder) == matters, "\(name) in \(folder)")
        }
    }

    @Test func `a folder is left when a whole reading had nothing to do with it`() {
        var folders = WatchedFolders()
        #expect(folders.begin() == [])
        folders.note(file: "/a/x")
        #expect(folders.begin() == [])
        folders.note(file: "/b/x")
        #expect(folders.matters("x", in: "/a"), "the reading that is under way may still need it")
        #expect(folders.begin() == ["/a"])
        #expect(!folders.matters("x", in: "/a"))
    }

    @Test func `several changes are one when they come together, and those that never end are read all the same`()
        throws
    {
        let count = Counter()
        let loop = EmbeddedEventLoop()
        let handler = FileWatchHandler(concerns: { $0.name == "x" }, changed: { _ = count.next() })
        let channel = EmbeddedChannel(handler: handler, loop: loop)
        try channel.writeInbound(record("y"))
        loop.advanceTime(by: .seconds(10))
        #expect(count.value == 0)
        for _ in 0..<3 {
            try channel.writeInbound(record("x"))
            loop.advanceTime(by: .milliseconds(100))
        }
        #expect(count.value == 0)
        loop.advanceTime(by: FileWatchHandler.quiet)
        #expect(count.value == 1)
        for _ in 0..<100 {
            try channel.writeInbound(record("x"))
            loop.advanceTime(by: .milliseconds(100))
        }
        #expect((4...6).contains(count.value), "once in two seconds: \(count.value)")
        _ = try channel.finish()
    }
}
