namespace Millpond.WarmingUp;

/// <summary>What a warm-up and the settings around it must satisfy together.</summary>
internal static class WarmUpRules
{
    public static void Check(KeyspaceDeclared declared, WarmUpOptions options, KeyspaceLimits limits, MillpondOptions cache, string place, ICollection<string> faults)
    {
        if (declared.WarmUp is not { } warmUp)
        {
            return;
        }

        SettingsRules.Within(options.TimeMax, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), $"{place}:WarmUp", nameof(options.TimeMax), faults);
        SettingsRules.Within(options.KeysMax, 1, 1_000_000, $"{place}:WarmUp", nameof(options.KeysMax), faults);
        if (warmUp.SourceCount == 0)
        {
            faults.Add($"{place}: its warm-up names no source of keys, so it would read nothing. Add Keys, Query, MostReadInLastRun or HeldInLastRun, or remove WarmUp.");
        }

        if (limits.LocalBytesMax == 0)
        {
            faults.Add($"{place}: it has a warm-up, but keeps nothing in this process (LocalBytesMax is 0), so nothing would be warm. Raise LocalBytesMax, or remove WarmUp.");
        }

        if (warmUp.RemembersKeys && cache.SnapshotFolder is null)
        {
            faults.Add($"{place}: its warm-up wants the keys of the last run, but SnapshotFolder does not say where those are kept. Set SnapshotFolder, or take the keys from elsewhere.");
        }
    }
}
