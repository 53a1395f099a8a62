import Synchronization
import TradingModel

@testable import Ports

/// Where a session leaves what it heard, for the test to look at.
///
/// As the host's own lane does, it takes the same result once, and tells one that came again otherwise.
final class NoteInbox: SessionInbox {
    struct Heard: Sendable {
        var results: [ReceivedResult] = []
        /// Results that were there already.
        var again = 0
        var contradictions = 0
        var watermark = EventPosition.start
        var reports: [SessionReport] = []
        var known = EventPosition(step: 1 << 40, index: 0)
        var acknowledged = EventPosition.start
        var hasRoom = true
        var onRoom: (@Sendable () -> Void)?
        /// Ends of the histories that it began with.
        var histories: [EventPosition] = []

        var states: [SessionState] {
            reports.compactMap { report in
                if case .state(let state, _) = report { return state }
                return nil
            }
        }

        /// Without how quick it was, which is the machine's business too.
        var life: [SessionState] {
            states.reduce(into: []) { life, state in
                if state != .slow, state != .hung, state != life.last { life.append(state) }
            }
        }

        /// What the last report of this state said.
        func detail(_ wanted: SessionState) -> String? {
            for case .state(wanted, let detail) in reports.reversed() { return detail }
            return nil
        }

        /// Results that the session did not take.
        var refused: Int {
            reports.reduce(0) { sum, report in
                guard case .refusedResults(let count, _) = report else { return sum }
                return sum + count
            }
        }

        var lines: [String] {
            reports.compactMap { report in
                if case .output(let line) = report { return line }
                return nil
            }
        }
    }
    let heard = Witness(Heard())

    // MARK: SessionInbox

    func resumePoint() -> (watermark: EventPosition, known: EventPosition) {
        let heard = heard.value
        return (heard.watermark, heard.known)
    }

    func deliver(_ results: [ReceivedResult]) -> Bool {
        heard.change { heard in
            for result in results {
                let same = heard.results.first {
                    ($0.position, $0.instrument, $0.index)
                        == (result.position, result.instrument, result.index)
                }
                if same == nil { heard.results.append(result) } else { heard.again += 1 }
                if let same, same != result { heard.contradictions += 1 }
            }
            return heard.hasRoom
        }
    }

    func onRoom(_ wake: @escaping @Sendable () -> Void) { heard.change { $0.onRoom = wake } }

    func makeRoom() {
        let wake = heard.change { heard in
            heard.hasRoom = true
            return heard.onRoom
        }
        wake?()
    }

    func watermark(_ position: EventPosition) {
        heard.change { $0.watermark = max($0.watermark, position) }
    }

    var acknowledged: EventPosition { heard.value.acknowledged }

    func report(_ report: SessionReport) { heard.change { $0.reports.append(report) } }

    func begins(behind position: EventPosition) {
        heard.change { $0.histories.append(position) }
    }

    // MARK: The test's side

    @discardableResult
    func wait(_ state: SessionState, count: Int = 1) async throws -> String {
        let heard = try await heard.wait(for: "\(count) times the state \(state)") { heard in
            heard.states.count { $0 == state } >= count
        }
        return heard.detail(state) ?? ""
    }

    @discardableResult
    func wait(closed position: EventPosition) async throws -> Heard {
        try await heard.wait(for: "the watermark \(position)") { $0.watermark >= position }
    }
}
