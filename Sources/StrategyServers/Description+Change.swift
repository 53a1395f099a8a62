import Ports

extension ServerDescription {
    /// What of a server must stay as it was to the end of a run, and did not; in words, `nil`: nothing.
    ///
    /// One that follows instruments now and did not is sent no change of them, and so goes on.
    func change(to now: ServerDescription) -> String? {
        let (own, its) = (build, now.build)
        guard own == its else { return "it was \(own), now it is \(its)" }
        if parameterHash != now.parameterHash {
            return "\(own) has other parameters: \(parameterHash), now \(now.parameterHash)"
        }
        if inputs != now.inputs { return "\(own) asks for other inputs" }
        if readsAccount != now.readsAccount {
            return "\(own) \(readsAccount ? "reads its account no more" : "reads its account now")"
        }
        if independentInstruments != now.independentInstruments {
            return "\(own) judges its instruments "
                + (independentInstruments ? "together now" : "each alone now")
        }
        if followsInstruments, !now.followsInstruments {
            return "\(own) follows instruments that join and leave no more"
        }
        return nil
    }

    private var build: String { "\(name) \(version) \(modelHash)" }
}
