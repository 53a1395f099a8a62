import Kernel
import Ports
import TradingModel

/// The state of an open order in the tables. As in the order machine, one whose end was asked for is being cancelled until it
/// has ended, whatever is heard of it meanwhile, behind a doubt and a restart too.
extension Projector {
    mutating func takeSubmitted(_ number: OrderNumber, _ record: UInt64) {
        let decided = decisions[number]?.detail.text
        let wanted = cancelReasons[number]
        let isAsked = asked[number] != nil
        change(number, record) {
            // Known to be there: a doubt that was says nothing of it any more.
            if $0.state == "unknown", let reason = wanted ?? decided { $0.reason = reason }
            $0.state =
                wanted != nil
                ? "cancelPending"
                : isAsked ? "changePending" : $0.filled == .zero ? "submitted" : "partlyFilled"
        }
    }

    mutating func takeCancel(of number: OrderNumber, _ reason: String, _ record: UInt64) {
        guard let row = orders[number], !Self.isEnd(row.state) else { return }
        cancelReasons[number] = reason
        change(number, record) {
            guard $0.state == "unknown" else {
                ($0.state, $0.reason) = ("cancelPending", reason)
                return
            }
            $0.reason = Self.doubt($0.reason, wanted: reason)
        }
    }

    mutating func takeDoubt(of number: OrderNumber, _ reason: String, _ record: UInt64) {
        let wanted = cancelReasons[number]
        change(number, record) {
            $0.state = "unknown"
            $0.reason = Self.doubt(reason, wanted: wanted)
        }
    }
    private static func doubt(_ reason: String, wanted: String?) -> String {
        wanted.map { "\(reason); its end is asked for: \($0)" } ?? reason
    }

    mutating func takeEnd(
        of number: OrderNumber, _ state: OrderMachine.State, _ reason: String, _ record: UInt64
    ) {
        let wanted = cancelReasons.removeValue(forKey: number)
        change(number, record) {
            // Who wanted the end stands beside the broker's word for it.
            if state == .cancelled, let wanted, !reason.contains(wanted) {
                $0.reason = "\(reason): \(wanted)"
            } else {
                $0.reason = reason
            }
            $0.state = "\(state)"
        }
    }

    func desk(of number: OrderNumber) -> DeskKey? {
        decisions[number].map {
            DeskKey(account: $0.order.account, instrument: $0.order.instrument)
        }
    }
    static func isEnd(_ state: String) -> Bool {
        ["filled", "cancelled", "rejected", "expired", "failed"].contains(state)
    }
}
