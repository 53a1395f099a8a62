import Host
import Platform

/// What keeps orders from being sent: the folder's kill switch, and what the last run stopped.
extension StoreCheck {
    func killSwitch(_ environment: DoctorEnvironment) -> [Finding] {
        do {
            guard let order = try environment.killSwitch(environment.folder) else { return [] }
            func warning(_ what: String, _ option: String) -> Finding {
                .warning(what, next: "madang kill --off\(option), once its reason is gone")
            }
            var findings: [Finding] = []
            if order.on {
                findings.append(
                    warning(
                        "the kill switch is on (\(order.reason)): nothing is opened"
                            + (order.flattens ? ", whatever is held is sold" : "")
                            + (order.holdsExits ? ", exits are held" : ""), ""))
            }
            for (name, part) in order.accounts.sorted(by: { $0.key < $1.key }) {
                findings.append(
                    warning(
                        "the kill switch of account \(name) is on (\(part.reason)): nothing is"
                            + " opened for it"
                            + (part.flattens ? ", whatever it holds is sold" : ""),
                        " --account \(name)"))
            }
            for (name, part) in order.strategies.sorted(by: { $0.key < $1.key }) {
                findings.append(
                    warning(
                        "the kill switch of strategy \(name) is on (\(part.reason)): it buys nothing",
                        " --strategy \(name)"))
            }
            return findings
        } catch {
            return [.wrong("\(error)", else: "set it again: madang kill, or --off", .store)]
        }
    }

    /// What the last run stopped and has not let go, where the folder's switch does not say so already.
    func standing(_ environment: DoctorEnvironment) -> [Finding] {
        let order = try? environment.killSwitch(environment.folder)
        return environment.books().stops.all.compactMap { stop -> Finding? in
            let since = ZonedTime.utc(stop.since)
            switch stop.what {
            case .lockdown:
                return .warning(
                    "\(stop.words), since \(since): \(stop.reason)",
                    next: "\(stop.wayOut), with a host at work, once that is mended")
            case .kill where order?.on != true:
                return .warning(
                    "the last run has stopped everything since \(since), and not let go:"
                        + " \(stop.reason)",
                    next: "\(stop.wayOut), with a host at work, once its reason is gone")
            case .halt:
                return .warning(
                    "\(stop.words), as somebody said \(since): \(stop.reason)",
                    next: "\(stop.wayOut), with a host at work, once it trades")
            case .kill, .accountKill, .strategyKill: return nil
            }
        }
    }
}
