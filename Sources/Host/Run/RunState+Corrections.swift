import Kernel
import Orders
import Platform
import Ports
import TradingModel

/// Differences with brokers, put right in the books: by people, or by what the configuration allows.
extension RunState {
    /// What brokers stated since the last call, against the books.
    ///
    /// - Returns: Whether something was corrected.
    mutating func compareStatements() -> Bool {
        guard dispatcher?.statements.isEmpty == false else { return false }
        let accounts = engine.kernel.plan.accounts
        let cash = accounts.indices.map { engine.kernel.cash(of: AccountID($0)) }
        let wishes =
            dispatcher?.compare(
                cash: { cash[Int($0.index)] }, currency: { accounts[Int($0.index)].currency }) ?? []
        var isMoving = false
        for wish in wishes {
            guard engine.correct(wish) == nil else {
                dispatcher?.notCorrected(wish)
                continue
            }
            dispatcher?.corrected(wish)
            isMoving = true
        }
        return isMoving
    }

    /// - Returns: What is told to who asked.
    mutating func correct(
        _ request: CorrectionRequest, at now: Timestamp
    ) -> (String, isDone: Bool) {
        let plan = engine.kernel.plan
        let name = request.account ?? plan.accounts.first?.name ?? ""
        guard request.account != nil || plan.accounts.count == 1,
            let index = plan.accounts.firstIndex(where: { $0.name == name })
        else {
            let names = plan.accounts.map(\.name).joined(separator: ", ")
            return (
                request.account.map { "there is no account '\($0)': accounts are \(names)" }
                    ?? "which account? name one with --account: \(names)", false
            )
        }
        var subject = Difference.Subject.cash
        var what = "cash of '\(name)'"
        if let symbol = request.symbol {
            guard let instrument = plan.instruments.first(where: { $0.symbol == symbol }) else {
                return ("there is no symbol '\(symbol)' in this run", false)
            }
            subject = .holding(instrument.id)
            what = "\(symbol) of '\(name)'"
        }
        guard let dispatcher else { return ("there is no broker outside to ask", false) }
        switch dispatcher.difference(
            of: subject, account: AccountID(index), at: request.broker, reason: request.reason)
        {
        case .failure(let refusal):
            self.dispatcher?.askAnew(of: AccountID(index), at: now)
            return ("\(what): \(refusal.why)", false)
        case .success(let order):
            if let why = engine.correct(order) { return ("\(what): \(why)", false) }
            self.dispatcher?.corrected(order)
            return ("\(what): \(CorrectionWords.sides(order))", true)
        }
    }
}

/// What a person wants put right.
package struct CorrectionRequest: Hashable, Sendable, Codable {
    /// `nil`: the only one.
    package var account: String?
    /// `nil`: cash.
    package var symbol: String?
    /// `nil`: the one that differs.
    package var broker: String?
    package var reason: String
    package init(account: String?, symbol: String?, broker: String?, reason: String) {
        self.account = account
        self.symbol = symbol
        self.broker = broker
        self.reason = reason
    }
}

/// A correction in words.
enum CorrectionWords {
    /// `the books held 10, sim says 7`
    static func sides(_ order: CorrectionOrder) -> String {
        switch order.difference {
        case .holding(_, let books, let stated):
            "the books held \(books), \(order.brokerName) says \(stated)"
        case .cash(let books, let stated):
            "the books had \(books), \(order.brokerName) says \(stated)"
        }
    }

    /// `the books held 10, sim says 7; person: sold by phone`
    static func note(_ order: CorrectionOrder) -> String {
        let reason = oneLine(order.reason)
        return "\(sides(order)); \(order.author.name)" + (reason.isEmpty ? "" : ": \(reason)")
    }

    /// `005930 10 -> 7, the books held 10, sim says 7; person: sold by phone`
    static func text(_ correction: Correction, _ plan: KernelPlan) -> String {
        let what =
            correction.order.instrument.map {
                "\(plan.instruments[Int($0.index)].symbol) \(correction.positionBefore) ->"
                    + " \(correction.positionAfter)"
            } ?? "cash \(correction.cashBefore) -> \(correction.cashAfter)"
        return "\(what), \(note(correction.order))"
    }
}
