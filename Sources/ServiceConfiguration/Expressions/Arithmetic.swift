/// Arithmetic on the number of an instance.
indirect enum Arithmetic {
    case number(Int)
    case instance
    case operation(Operator, Arithmetic, Arithmetic)

    /// The operators, `+` and `-` binding less than the others.
    enum Operator: Character {
        case plus = "+"
        case minus = "-"
        case times = "*"
        case divided = "/"
        case remainder = "%"

        var bindsTightly: Bool { self != .plus && self != .minus }
    }

    /// Why arithmetic has no value.
    enum Failure: Error {
        case noInstance
        case divisionByZero
        case overflow

        var message: String {
            switch self {
            case .noInstance: "cannot use `instance` here: only a service with the key `instances` has one"
            case .divisionByZero: "cannot divide by zero: correct the expression"
            case .overflow: "cannot compute this expression: the number is too large, use smaller ones"
            }
        }
    }

    static func parsed(_ text: String) -> Result<Arithmetic, Expression.Problem> {
        var parser = ArithmeticParser(text)
        guard let value = parser.whole() else {
            let forms =
                "`env:NAME`, `file:PATH`, `service.NAME.address`, or numbers and `instance` with + - * / % and ( )"
            return .failure(Expression.Problem(message: "cannot understand this expression: use \(forms)"))
        }
        return .success(value)
    }

    /// The value for an instance; nil for a service without instances.
    func value(instance: Int?) throws(Failure) -> Int {
        switch self {
        case .number(let number): return number
        case .instance:
            guard let instance else { throw .noInstance }
            return instance
        case .operation(let symbol, let left, let right):
            return try Self.apply(symbol, left.value(instance: instance), right.value(instance: instance))
        }
    }

    private static func apply(_ symbol: Operator, _ left: Int, _ right: Int) throws(Failure) -> Int {
        if symbol == .divided || symbol == .remainder, right == 0 { throw .divisionByZero }
        let (value, overflow) =
            switch symbol {
            case .plus: left.addingReportingOverflow(right)
            case .minus: left.subtractingReportingOverflow(right)
            case .times: left.multipliedReportingOverflow(by: right)
            case .divided: left.dividedReportingOverflow(by: right)
            case .remainder: left.remainderReportingOverflow(dividingBy: right)
            }
        guard !overflow else { throw .overflow }
        return value
    }
}
