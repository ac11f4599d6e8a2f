import NIOCore

/// One record of inotify(7).
struct FileEvent: Hashable {
    var watch: Int32
    var mask: UInt32
    /// Empty for an event of the folder itself.
    var name: String

    /// Takes the next record; nil: there is no complete one.
    init?(from buffer: inout ByteBuffer) {
        // The watch, the mask, a cookie, the length of the name; then the name, filled up with NUL bytes.
        var copy = buffer
        guard let watch = copy.readInteger(endianness: .host, as: Int32.self),
            let mask = copy.readInteger(endianness: .host, as: UInt32.self),
            copy.readInteger(endianness: .host, as: UInt32.self) != nil,
            let length = copy.readInteger(endianness: .host, as: UInt32.self),
            let bytes = copy.readBytes(length: Int(length))
        else { return nil }
        buffer = copy
        self.watch = watch
        self.mask = mask
        name = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
