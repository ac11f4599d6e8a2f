/// The promises that a simulation found broken.
final class Findings {
    private(set) var broken: [String] = []

    func check(_ holds: Bool, _ promise: @autoclosure () -> String) {
        if !holds { broken.append(promise()) }
    }
}
