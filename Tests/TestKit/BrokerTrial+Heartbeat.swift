import Ports
import TradingModel

extension BrokerTrial {
    /// It answers while there is an answer, through whatever happens to other calls and to the line of reports, and
    /// says which failure it met: a host stops opening by it.
    func heartbeat() async {
        var last: Timestamp?
        for _ in 0..<20 {
            await beat("on a quiet day", &last)
            await trade(0)
        }
        await listen()
        await compare()
        await beatTogether()
        for fault in faults(.question) {
            let result = await meet(fault) { (broker) async throws(BrokerError) in
                try await broker.heartbeat()
            }
            let told: BrokerError? = if case .failure(let error) = result { error } else { nil }
            expect(
                .heartbeats, fault.isTold(by: told),
                "\(fault) \(told.map { "says \($0)" } ?? "passes for an answer")")
            await beat("behind \(fault)", &last)
        }
        await beatBesideOneThatHangs(&last)
        await beatThroughABrokenLine(&last)
        await listen()
        await compare()
    }

    private func beat(_ when: String, _ last: inout Timestamp?) async {
        do throws(BrokerError) {
            let beat = try await broker.heartbeat()
            if let before = last, let time = beat.brokerTime {
                expect(
                    .heartbeats, time >= before,
                    "\(when) the broker's clock goes back, from \(before) to \(time)")
            }
            last = beat.brokerTime ?? last
        } catch { expect(.heartbeats, false, "\(when): \(error)") }
    }

    private func beatTogether() async {
        let broker = self.broker
        let failures = await withTaskGroup(of: BrokerError?.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    do throws(BrokerError) {
                        _ = try await broker.heartbeat()
                        return nil
                    } catch { return error }
                }
            }
            return await group.reduce(into: [BrokerError]()) {
                if let error = $1 { $0.append(error) }
            }
        }
        expect(.heartbeats, failures.isEmpty, "ten at a time: \(failures)")
    }

    /// One that waits for its answer holds up no other call.
    private func beatBesideOneThatHangs(_ last: inout Timestamp?) async {
        guard let fault = faults(.question).first(where: \.hangs) else { return }
        await bench.fail?(fault)
        let broker = self.broker
        let hanging = Task { try? await broker.heartbeat(within: .seconds(60)) }
        await bench.struck()
        await beat("while another waits for its answer", &last)
        await place(.buy, lots: 1, at: -20)
        hanging.cancel()
        expect(
            .heartbeats, await hanging.value == nil, "one that nobody answers passes for answered")
        await bench.calm()
    }

    /// The line of reports breaks, and more breaks while it comes back: calls go on, and nothing of an order is lost.
    private func beatThroughABrokenLine(_ last: inout Timestamp?) async {
        guard let breakLine = bench.breakLine else { return }
        for _ in 0..<3 {
            let order = await place(.buy, lots: 1, at: -5)
            await breakLine()
            for _ in 0..<5 { await beat("while the line of reports is broken", &last) }
            await trade(-5)
            await beat("behind a fill that nobody could tell", &last)
            await listen()
            expect(
                .losesNoNews, state(order) == .filled,
                "order \(order.number) filled while the line was broken, and is not reported")
        }
    }
}
