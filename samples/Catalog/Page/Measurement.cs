namespace Catalog.Page;

/// <summary>The tags of one of Millpond's measurements, as far as the page tells them apart.</summary>
internal readonly record struct Measurement(string Instrument, string Keyspace, string Tier, string Freshness, bool Negative, string Cause)
{
    public static Measurement Of(string instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var read = new Measurement(instrument, "", "", "", false, "");
        foreach ((string name, object? value) in tags)
        {
            read = name[(name.LastIndexOf('.') + 1)..] switch
            {
                "keyspace" => read with { Keyspace = value?.ToString() ?? "" },
                "tier" => read with { Tier = value?.ToString() ?? "" },
                "freshness" => read with { Freshness = value?.ToString() ?? "" },
                "negative" => read with { Negative = value is true or "true" },
                "reason" or "cause" or "type" or "scope" => read with { Cause = value?.ToString() ?? "" },
                _ => read,
            };
        }

        return read;
    }
}
