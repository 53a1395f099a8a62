import Brokers
import Platform
import Ports
import TradingModel

/// What a broker outside is asked before a run: all of it may be asked again at will.
///
/// Each question has its own limit; the first also logs in. Nothing is ordered or cancelled, and a second line of reports
/// takes nothing from that of a host at work.
struct BrokerQuestions {
    private let broker: SimulatedBroker
    private let clock: any TimeSource
    private let limit: Nanoseconds

    /// - Parameter index: Of a broker outside, in the configuration.
    init(
        _ configuration: HostConfiguration, _ index: Int, clock: any TimeSource = HostClock()
    ) throws(BrokerError) {
        let setting = configuration.brokers[index]
        guard case .simulated(let simulated) = setting.kind,
            let account = configuration.accounts.firstIndex(where: {
                $0.brokers.contains(setting.name)
            })
        else { throw BrokerError(.notTradable, "no account goes there") }
        self.clock = clock
        limit = min(simulated.answerWithin, BrokerLimits.question)
        broker = SimulatedBroker(
            .init(simulated, AccountID(account), configuration.instruments), clock: clock)
    }

    func answer() async throws(BrokerError) -> DoctorEnvironment.BrokerAnswer {
        do throws(BrokerError) {
            let answer = try await ask()
            await broker.close()
            return answer
        } catch {
            await broker.close()
            throw error
        }
    }

    private func ask() async throws(BrokerError) -> DoctorEnvironment.BrokerAnswer {
        var slowest: Int64 = 0
        var from = clock.monotonic()
        func lap() {
            let now = clock.monotonic()
            slowest = max(slowest, now - from)
            from = now
        }
        let heartbeat = try await broker.heartbeat(within: limit)
        lap()
        let balances = try await broker.balances(within: limit)
        lap()
        let positions = try await broker.positions(within: limit)
        lap()
        let openOrders = try await broker.openOrders(within: limit)
        lap()
        let listening = Task { await broker.run() }
        let isHeard = await broker.stands(within: limit)
        listening.cancel()
        return DoctorEnvironment.BrokerAnswer(
            name: broker.capabilities.name, brokerTime: heartbeat.brokerTime, balances: balances,
            positions: positions, openOrders: openOrders, isHeard: isHeard, took: slowest)
    }
}
