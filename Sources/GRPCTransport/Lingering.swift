/// How long a poller that has nothing to do looks on before it sleeps, as a value.
///
/// To be woken costs a thread more than the answer of a quick server takes. So it looks on, for as
/// long as a waking costs, where that finds something most of the time. Whether it would, only
/// trying tells: a server that sleeps itself answers late, and one that is asked before it sleeps
/// answers soon. So every so often some waits in a row are looked through for longer. Where answers
/// come later all the same, or the server needs this very processor, that is all it costs.
struct Lingering: Equatable {
    /// Nanoseconds: about what a thread's way to sleep and back costs. An answer within it is soon.
    static let span: Int64 = 20_000
    /// Nanoseconds to look on while it tries: a server is woken and answers in that.
    static let trySpan: Int64 = 60_000
    /// Waits of a try; half of them have to end soon, the first ones may not.
    static let tries = 16
    /// Waits without a look behind a try that was vain.
    static let pause = 1_024
    /// What a vain look costs of the credit, of which a good one earns 1: two in three have to be.
    static let price = 2
    static let mostCredit = 64

    private enum State: Equatable {
        case looking(credit: Int)
        case trying(left: Int, soon: Int)
        case resting(left: Int)
    }
    private var state = State.trying(left: tries, soon: 0)

    /// A wait begins.
    ///
    /// - Returns: Nanoseconds to look on before sleeping; zero is to sleep at once.
    mutating func begins() -> Int64 {
        switch state {
        case .looking: return Self.span
        case .trying: return Self.trySpan
        case .resting(let left):
            state = left > 1 ? .resting(left: left - 1) : .trying(left: Self.tries, soon: 0)
            return 0
        }
    }

    /// What looking on came to. What was there at the first look says nothing, and is not told.
    ///
    /// - Parameter found: Nanoseconds until something came; `nil` when nothing did.
    mutating func ended(found: Int64?) {
        let isSoon = found.map { $0 <= Self.span } ?? false
        switch state {
        case .looking(let credit):
            let rest = isSoon ? min(credit + 1, Self.mostCredit) : credit - Self.price
            state = rest > 0 ? .looking(credit: rest) : .resting(left: Self.pause)
        case .trying(let left, var soon):
            if isSoon { soon += 1 }
            if left > 1 {
                state = .trying(left: left - 1, soon: soon)
            } else if soon >= Self.tries / 2 {
                state = .looking(credit: Self.mostCredit)
            } else {
                state = .resting(left: Self.pause)
            }
        case .resting: break
        }
    }
}
