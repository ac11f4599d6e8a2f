import ControlPlane
import Daemon
import Glibc

/// The terminal behind a descriptor, as it is now: a person may change its size at any time.
struct Terminal {
    /// Both 0 when it does not know its size, as a serial line.
    let columns: Int
    let rows: Int

    /// Nil when there is no terminal.
    init?(_ descriptor: Int32 = STDOUT_FILENO) {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0
        columns = isKnown ? Int(size.ws_col) : 0
        rows = isKnown ? Int(size.ws_row) : 0
    }

    static func style(_ colour: TextStyle.ColourChoice, on descriptor: Int32 = STDOUT_FILENO) -> TextStyle {
        TextStyle(columns: Terminal(descriptor)?.columns, colour: colour, variable: Environment.variable)
    }
}
