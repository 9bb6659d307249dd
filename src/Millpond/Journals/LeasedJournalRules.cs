namespace Millpond.Journals;

/// <summary>What the options of every journal must hold whose lead is a lease.</summary>
internal static class LeasedJournalRules
{
    private const JournalSurvival Known = JournalSurvival.ProcessDeath | JournalSurvival.PowerLoss | JournalSurvival.MachineLoss;

    /// <exception cref="MillpondException">MP1001: with every rule that does not hold.</exception>
    public static void Check(string journal, JournalSurvival survives, TimeSpan leadTime, TrailOptions? trail, params (bool Holds, string Fault)[] own)
    {
        (bool Holds, string Fault)[] rules =
        [
            .. own,
            (survives != JournalSurvival.None && (survives & ~Known) == 0, $"Survives is {survives}, it must say what an acknowledgement survives"),
            (leadTime >= TimeSpan.FromSeconds(1) && leadTime <= TimeSpan.FromMinutes(5), $"LeadTime is {leadTime}, it must be 1 s to 5 min"),
            .. TrailOptions.Rules(trail),
        ];
        string[] faults = [.. rules.Where(rule => !rule.Holds).Select(rule => rule.Fault)];
        if (faults.Length > 0)
        {
            throw new MillpondException(ErrorCode.InvalidConfiguration, $"the journal {journal}: {string.Join("; ", faults)}. Correct what is named.");
        }
    }
}
