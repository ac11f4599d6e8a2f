import Glibc

/// The text of a variable of the test process, such as a seed to repeat.
package func environmentVariable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}
