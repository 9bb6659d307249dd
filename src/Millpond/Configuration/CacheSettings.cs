using Microsoft.Extensions.Configuration;
using Millpond.Policies;
using Millpond.WarmingUp;

namespace Millpond;

/// <summary>
/// The immutable settings of a cache, derived from what was declared in code with the configuration laid over it. Made whole or not at all.
/// </summary>
internal sealed record CacheSettings(MillpondOptions Options, IReadOnlyDictionary<string, Policy> Keyspaces)
{
    /// <summary>Derives and validates; throws MP1001 with every fault there is.</summary>
    public static CacheSettings Derive(MillpondBuilder builder, IReadOnlyList<KeyspaceDeclared> declared, IConfiguration? configuration, IReadOnlyList<string> caches)
    {
        var faults = new List<string>();
        var place = builder.Name == Registration.DefaultName ? "Millpond" : $"Millpond:{builder.Name}";
        var section = configuration?.GetSection(place);
        var merged = Merge(builder.Options, section, caches, faults);
        SettingsRules.Check(merged, place, faults);
        CheckDeclared(declared, merged, place, faults);
        FeedRules.Check(builder, declared, place, faults);
        CheckCounters(builder, declared, place, faults);
        var policies = new Dictionary<string, Policy>(StringComparer.Ordinal);
        foreach (var one in declared)
        {
            policies[one.Name] = PolicyOf(one, merged, section?.GetSection("Keyspaces").GetSection(one.Name), $"{place}:Keyspaces:{one.Name}", faults);
            if (merged.Sources.TryGetValue(one.Source, out var source))
            {
                SettingsRules.CheckTogether(policies[one.Name].Options, source, $"{place}:Keyspaces:{one.Name}", one.Source, faults);
            }
        }

        foreach (var unknown in section?.GetSection("Keyspaces").GetChildren().Where(child => !policies.Keys.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) ?? [])
        {
            faults.Add($"{unknown.Path} is not a declared keyspace. Declared: {string.Join(", ", policies.Keys.Order())}.");
        }

        var floors = policies.Values.Sum(policy => (decimal)policy.Limits.LocalBytesMin);
        if (floors > merged.LocalBytesMax)
        {
            faults.Add($"{place}: the keyspaces' LocalBytesMin add up to {floors}, above LocalBytesMax ({merged.LocalBytesMax}). Lower them, or raise LocalBytesMax.");
        }

        return faults.Count == 0 ? new CacheSettings(merged, policies) : throw new MillpondException(
            ErrorCode.InvalidConfiguration,
            $"cache '{builder.Name}' is not configured soundly ({faults.Count} {(faults.Count == 1 ? "fault" : "faults")}):{string.Concat(faults.Select(fault => "\n  - " + fault))}");
    }

    private static void CheckCounters(MillpondBuilder builder, IReadOnlyList<KeyspaceDeclared> declared, string place, List<string> faults)
    {
        foreach (var one in builder.Counters)
        {
            SettingsRules.CheckName(one.Name, $"{place}: merged counters '{one.Name}'", faults);
            one.Check(faults);
        }

        foreach (var twice in builder.Counters.Select(one => one.Name).Concat(declared.Select(one => one.Name)).GroupBy(name => name).Where(group => group.Count() > 1 && builder.Counters.Any(one => one.Name == group.Key)))
        {
            faults.Add($"{place}: '{twice.Key}' names merged counters and something else. Give each keyspace and each counters a name of its own.");
        }
    }

    private static MillpondOptions Merge(MillpondOptions declared, IConfigurationSection? section, IReadOnlyList<string> caches, List<string> faults)
    {
        var merged = new MillpondOptions
        {
            Prefix = declared.Prefix,
            LocalBytesMax = declared.LocalBytesMax,
            SharedTierTimeoutMin = declared.SharedTierTimeoutMin,
            SharedTierTimeoutMax = declared.SharedTierTimeoutMax,
            HotKeys = declared.HotKeys with { },
            SnapshotFolder = declared.SnapshotFolder,
            WarmSideHoldOff = declared.WarmSideHoldOff,
            Audit = declared.Audit with { },
        };
        foreach (var (name, limits) in declared.Sources)
        {
            merged.Sources[name] = limits with { };
        }

        if (section is null)
        {
            return merged;
        }

        // A named cache's section lies within the default one's.
        string[] elsewhere = ["Keyspaces", "Sources", "HotKeys", "Audit", .. caches];
        SettingsBinder.Apply(section, merged, faults, elsewhere);
        SettingsBinder.Apply(section.GetSection("HotKeys"), merged.HotKeys, faults);
        SettingsBinder.Apply(section.GetSection("Audit"), merged.Audit, faults);
        foreach (var source in section.GetSection("Sources").GetChildren())
        {
            // Configuration knows no case, names of sources do: an environment variable in capitals means the source that was declared.
            var name = merged.Sources.Keys.FirstOrDefault(known => known.Equals(source.Key, StringComparison.OrdinalIgnoreCase)) ?? source.Key;
            if (!merged.Sources.TryGetValue(name, out var limits))
            {
                merged.Sources[name] = limits = new SourceLimits();
            }

            SettingsBinder.Apply(source, limits, faults);
        }

        return merged;
    }

    private static Policy PolicyOf(KeyspaceDeclared declared, MillpondOptions cache, IConfigurationSection? section, string place, List<string> faults)
    {
        var policy = declared.Policy with { };
        var limits = declared.Limits with { };
        var warmUp = (declared.WarmUp?.Options ?? new()) with { };
        if (section is not null)
        {
            // Settings of a warm-up that was not declared are settings that nothing reads.
            SettingsBinder.Apply(section, policy, faults, declared.WarmUp is null ? ["Limits"] : ["Limits", "WarmUp"]);
            SettingsBinder.Apply(section.GetSection("Limits"), limits, faults);
            if (declared.WarmUp is not null)
            {
                SettingsBinder.Apply(section.GetSection("WarmUp"), warmUp, faults);
            }
        }

        SettingsRules.Check(policy, limits, place, faults);
        WarmUpRules.Check(declared, warmUp, limits, cache, place, faults);
        return new Policy(policy, limits, cache.HotKeys) { WarmUp = warmUp };
    }

    private static void CheckDeclared(IReadOnlyList<KeyspaceDeclared> declared, MillpondOptions options, string place, List<string> faults)
    {
        foreach (var twice in declared.GroupBy(one => one.Name).Where(group => group.Count() > 1))
        {
            faults.Add($"{place}: keyspace '{twice.Key}' is declared {twice.Count()} times. Give each a name of its own.");
        }

        foreach (var one in declared.Where(one => one.Name == AdHoc.AdHocKeyspace.Name && one is not KeyspaceDeclared<string, object>))
        {
            faults.Add($"{place}: keyspace '{one.Name}' is declared with the types {one.Types}, but that name is the ad-hoc keyspace's, whose types are String, Object. Give yours another name.");
        }

        foreach (var one in declared)
        {
            SettingsRules.CheckName(one.Name, $"{place}: keyspace '{one.Name}'", faults);
            one.Check(faults);
            if (one.Version < 1)
            {
                faults.Add($"{place}: keyspace '{one.Name}' has version {one.Version}; versions begin at 1.");
            }

            if (one.CompressAbove < 0)
            {
                faults.Add($"{place}: keyspace '{one.Name}' compresses above {one.CompressAbove} bytes; give 0 or more.");
            }

            if (!options.Sources.ContainsKey(one.Source))
            {
                faults.Add($"{place}: keyspace '{one.Name}' names the source '{one.Source}', which has no limits. Known: {string.Join(", ", options.Sources.Keys.Order())}. Add it with Configure(o => o.Sources[...] = ...).");
            }
        }
    }
}
