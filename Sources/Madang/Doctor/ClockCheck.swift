import Platform
import TradingModel

/// Whether the two clocks agree on how time passes, what keeps them right, and the zones in use.
struct ClockCheck: DoctorCheck {
    let name = "clock"
    let code = ExitCode.refused
    /// By which the clocks may disagree over one pause, ns.
    static let tolerance: Int64 = 20_000_000
    /// 2024-01-01: this program is younger.
    static let earliest: Int64 = 1_704_067_200_000_000_000

    func run(_ environment: DoctorEnvironment) async -> [Finding] {
        [wallClock(environment), service(environment)] + zones(environment)
    }

    private func wallClock(_ environment: DoctorEnvironment) -> Finding {
        let clock = environment.clock
        let (monotonic, utc) = (clock.monotonic(), clock.utc())
        environment.pause()
        let passed = clock.monotonic() - monotonic
        let shown = clock.utc() - utc
        let now = ZonedTime.utc(Timestamp(nanoseconds: utc))
        if utc < Self.earliest {
            return .wrong(
                "the clock says \(now), before this program was written",
                next: "set the machine's clock", .refused)
        }
        let jump = shown - passed
        guard jump.magnitude <= Self.tolerance.magnitude else {
            return .wrong(
                "the wall clock jumped by \(NumberWords.span(Nanoseconds(jump)))"
                    + " while \(NumberWords.span(Nanoseconds(passed))) passed",
                next: "see what sets it: one time service, and no other", .refused)
        }
        return .good("UTC \(now.prefix(19)), in step with the monotonic clock")
    }

    private func service(_ environment: DoctorEnvironment) -> Finding {
        switch environment.isClockInStep() {
        case true?: return .good("a time service keeps the clock in step")
        case false?:
            return .warning(
                "no time service keeps the clock in step",
                next: "turn one on: chrony, systemd-timesyncd, or the host's of this container")
        case nil: return .skipped("the system does not say whether its clock is in step")
        }
    }

    private func zones(_ environment: DoctorEnvironment) -> [Finding] {
        withConfiguration(environment) { configuration in
            let names = Set(
                configuration.accounts.map(\.timeZone) + configuration.instruments.map(\.timeZone)
                    + configuration.feeds.map(\.csv.zone)
            ).sorted()
            let unknown = names.filter { environment.zone($0) == nil }
            guard unknown.isEmpty else {
                return unknown.map {
                    .wrong(
                        "this machine knows no zone \($0)",
                        next: "install tzdata, or correct time_zone", .configuration)
                }
            }
            return names.isEmpty
                ? [] : [.good("zones known: \(names.joined(separator: ", "))")]
        }
    }
}
