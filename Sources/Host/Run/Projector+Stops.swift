import Kernel
import Ports
import TradingModel

/// What is stopped, beside the kill switch.
extension Projector {
    /// An account is locked down at one of its brokers, or released there.
    ///
    /// - Parameter reason: `nil`: released.
    mutating func take(
        lockdown reason: String?, of account: AccountID, at broker: String,
        position: EventPosition, time: Timestamp, record: UInt64
    ) {
        var row = risk(
            nil, position, StandingStops.lockdownCode, reason == nil ? "off" : "on",
            reason.map { "\(broker): \($0)" } ?? broker, time, record)
        row.account = plan.accounts[Int(account.index)].name
        stops.take(row)
        rows.append(.risk(row))
    }

    /// - Returns: `nil` for what an order says already.
    func exitWords(_ fact: ExitFact, _ record: UInt64) -> ExitWords? {
        ExitWords(
            fact, plan, asked: saidWhy?.record == record ? saidWhy?.reason : nil,
            isHalted: stops.isHalted)
    }

    func risk(
        _ desk: DeskKey?, _ position: EventPosition, _ code: String, _ rule: String,
        _ detail: String,
        _ time: Timestamp, _ record: UInt64
    ) -> RiskRow {
        var row = RiskRow(
            record: record, position: position, code: code, account: "", symbol: "", rule: rule,
            detail: detail, time: time)
        // Not `desk.map`: its closure would copy all of the projector first, twice for each order.
        if let desk {
            row.account = plan.accounts[Int(desk.account.index)].name
            row.symbol = symbol(desk.instrument)
        }
        return row
    }
}
