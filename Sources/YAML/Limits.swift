/// The bounds of an acceptable text; a configuration never comes near them, an attack or an accident does.
enum Limits {
    /// 10,000 services with a hundred bytes each, and the most that is held in memory twice while parsing.
    static let fileBytes = 1 << 20
    /// The schema needs six levels; libyaml's time is quadratic in the depth of flow collections.
    static let depth = 32
    /// 10,000 services with eight keys each have 190,000; bounds the nodes that a mebibyte of `,` can make.
    static let events = 250_000
    /// Longer than any value that the kernel takes as one argument or path needs to be.
    static let scalarBytes = 64 << 10
    /// The longest file name; libyaml's own bound of 1024 characters has a misleading message.
    static let keyBytes = 256
    /// More than anybody reads at once; bounds the report for a text that is not YAML at all.
    static let errors = 100
}
