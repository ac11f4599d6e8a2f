import ArgumentParser
import ControlPlane

/// How a verb prints data.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print the daemon's answer as JSON.")
    var json = false

    @Option(help: "When to use colours: auto (on a terminal, unless NO_COLOR is set), always or never.")
    var color = TextStyle.ColourChoice.auto

    var style: TextStyle { Terminal.style(color) }
}

extension TextStyle.ColourChoice: ExpressibleByArgument {}
