import Host
import Platform
import Ports
import TradingModel

/// Every broker outside that an account goes to: logged in at and asked; nothing is ordered there.
struct BrokerCheck: DoctorCheck {
    let name = "brokers"
    let code = ExitCode.broker
    /// Five questions, each with its own limit, to all brokers side by side.
    let timeout = Duration.seconds(30)
    /// What a broker's clock may be off by: behind this some refuse what is signed.
    static let skew: Int64 = 1_000_000_000
    /// An answer behind this makes every order slow.
    static let slow: Int64 = 1_000_000_000

    func run(_ environment: DoctorEnvironment) async -> [Finding] {
        guard let configuration = environment.configuration else {
            return [.skipped("not looked at without a good configuration")]
        }
        let used = configuration.accounts.flatMap(\.brokers)
        let outside = configuration.brokers.indices.filter {
            configuration.brokers[$0].isOutside && used.contains(configuration.brokers[$0].name)
        }
        guard !outside.isEmpty else {
            return [.skipped("orders are filled on paper, in the host")]
        }
        return await withTaskGroup(of: (Int, [Finding]).self) { group in
            for index in outside {
                group.addTask {
                    let setting = configuration.brokers[index]
                    do throws(BrokerError) {
                        let answer = try await environment.askBroker(index)
                        return (
                            index,
                            told(setting, answer, configuration, environment.clock)
                                + differences(
                                    setting, answer, configuration, environment.books().accounts)
                        )
                    } catch {
                        return (index, [failed(setting, error)])
                    }
                }
            }
            var found: [Int: [Finding]] = [:]
            for await (index, findings) in group { found[index] = findings }
            return outside.flatMap { found[$0] ?? [] }
        }
    }

    private func told(
        _ setting: BrokerSetting, _ answer: DoctorEnvironment.BrokerAnswer,
        _ configuration: HostConfiguration, _ clock: any TimeSource
    ) -> [Finding] {
        let name = setting.name
        let cash = answer.balances.map { "\(grouped("\($0.cash)")) \($0.currency)" }
            .joined(separator: ", ")
        let has = [
            cash.isEmpty ? "no cash" : "cash \(cash)", counted(answer.positions.count, "position"),
            counted(answer.openOrders.count, "open order"),
        ]
        let words =
            "\(name): \(answer.name) has \(has.joined(separator: ", "));"
            + " answered in \(NumberWords.span(Nanoseconds(answer.took)))"
        var findings = [
            answer.took > Self.slow
                ? Finding.warning(
                    words, next: "orders and cancels take as long: look at the line to it")
                : .good(words)
        ]
        if !answer.isHeard {
            findings.append(
                .wrong(
                    "\(name): answers questions, and its line of reports does not stand",
                    next: "is stream of brokers.\(name) its address? without it fills are heard"
                        + " half a minute late",
                    code))
        }
        // Its answer was on the way for some of the time, so only what is beyond that is somebody's clock.
        if let time = answer.brokerTime {
            let off = abs(time.nanoseconds - clock.utc())
            if off > Self.skew + answer.took {
                findings.append(
                    .warning(
                        "\(name): its clock and this machine's are \(NumberWords.span(Nanoseconds(off))) apart",
                        next:
                            "set this machine's clock: some brokers refuse what is signed a second ahead"
                    ))
            }
        }
        let strange = answer.positions.filter { $0.instrument == nil }.map(\.symbol)
        if !strange.isEmpty {
            findings.append(
                .warning(
                    "\(name): holds \(listed(strange)), not among the instruments",
                    next: "nothing trades or guards it; add it to instruments if a strategy should")
            )
        }
        if configuration.exits.isAnywhere {
            findings.append(
                .warning(
                    "\(name): no stop rests there: the host alone guards what it holds",
                    next:
                        "while the host stands still nobody sells: have it started again by itself, see docs/OPERATIONS.md"
                ))
        }
        return findings
    }

    /// What the latest run's tables have otherwise. An account with two brokers keeps no books of each.
    private func differences(
        _ setting: BrokerSetting, _ answer: DoctorEnvironment.BrokerAnswer,
        _ configuration: HostConfiguration, _ books: [DoctorEnvironment.AccountBooks]
    ) -> [Finding] {
        let name = setting.name
        let accounts = configuration.accounts.filter { $0.brokers == [name] }
        guard accounts.count == 1, let account = accounts.first,
            let ours = books.first(where: { $0.account == account.name })
        else { return [] }
        var findings: [Finding] = []
        if !ours.inDoubt.isEmpty {
            let orders = ours.inDoubt.map { "\($0)" }.joined(separator: ", ")
            findings.append(
                .warning(
                    "\(name): what became of order \(orders) is unknown in the tables",
                    next:
                        "a run that starts asks for it; where it cannot tell: madang order resolve"
                ))
        }
        let different = configuration.instruments.compactMap { instrument -> String? in
            let held = ours.holdings[instrument.symbol] ?? .zero
            let there =
                answer.positions.first { $0.instrument == instrument.id }?.quantity ?? .zero
            guard held != there else { return nil }
            return "\(there) \(instrument.symbol), in the tables of the last run \(held)"
        }
        if !different.isEmpty {
            findings.append(
                .warning(
                    "\(name): has \(listed(different))",
                    next: "fills may be on their way; if a run says FS049 of it:"
                        + " madang positions correct"))
        }
        return findings
    }

    private func failed(_ setting: BrokerSetting, _ error: BrokerError) -> Finding {
        let words = "\(setting.name): \(error)"
        return switch error.code {
        case .maintenance:
            .warning(
                words, next: "wait: a run that starts now sends no opening order until it is back")
        case .unauthorized:
            .wrong(
                words,
                next:
                    "look at key and secret of brokers.\(setting.name), and whether they still hold",
                code)
        case .rateLimited:
            .warning(
                words,
                next: "another program uses this key, or rate is above what the broker allows")
        case .offline:
            .wrong(
                words,
                next:
                    "is it there, and are http and stream of brokers.\(setting.name) its addresses? the simulator: madang-sim --help",
                code)
        default: .wrong(words, next: "see what the broker says", code)
        }
    }

    private func listed(_ symbols: [String]) -> String {
        let shown = symbols.prefix(5).joined(separator: ", ")
        return symbols.count > 5 ? "\(shown) and \(symbols.count - 5) more" : shown
    }
}
