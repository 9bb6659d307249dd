namespace Millpond.Resp.Topologies;

/// <summary>Reads what nodes answer to CLUSTER SLOTS, and the error replies that name a slot and a node.</summary>
internal static class SlotReport
{
    /// <summary>The ranges of a reply. What makes no sense in it is left out: a slot that nobody is known to serve is found by asking any node.</summary>
    public static List<SlotRange> Read(RespValue reply, RespEndpoint asked)
    {
        var ranges = new List<SlotRange>();
        foreach (var range in reply.Items)
        {
            if (range.Items.Count >= 3 && IsSlot(range.Items[0], out var first) && IsSlot(range.Items[1], out var last) && first <= last)
            {
                var nodes = range.Items.Skip(2).Select(n => EndpointOf(n, asked)).OfType<RespEndpoint>().ToList();
                if (nodes.Count > 0)
                {
                    ranges.Add(new SlotRange(first, last, nodes));
                }
            }
        }

        return ranges;
    }

    /// <summary>"MOVED 3999 127.0.0.1:6381" or "ASK 3999 127.0.0.1:6381". An empty host is the one that was asked.</summary>
    public static bool TryReadRedirection(string error, RespEndpoint asked, out int slot, out RespEndpoint node)
    {
        var words = error.Split(' ');
        (slot, node) = (0, default);
        if (words.Length < 3 || !int.TryParse(words[1], out slot) || slot is < 0 or >= RespSlot.Count)
        {
            return false;
        }

        // A version 6 address is written without brackets here.
        var colon = words[2].LastIndexOf(':');
        if (colon < 0 || !int.TryParse(words[2][(colon + 1)..], out var port) || port is < 1 or > 65_535)
        {
            return false;
        }

        node = new RespEndpoint(colon == 0 ? asked.Host : words[2][..colon], port);
        return true;
    }

    private static bool IsSlot(RespValue value, out int slot)
    {
        slot = -1;
        return value.Type == RespType.Integer && int.TryParse(value.Text, out slot) && slot is >= 0 and < RespSlot.Count;
    }

    // An empty or unknown host is the one that was asked: a node behind a proxy does not know its own.
    private static RespEndpoint? EndpointOf(RespValue node, RespEndpoint asked)
    {
        if (node.Items.Count < 2 || node.Items[1].Type != RespType.Integer || !int.TryParse(node.Items[1].Text, out var port) || port is < 1 or > 65_535)
        {
            return null;
        }

        var host = node.Items[0].Text;
        return new RespEndpoint(string.IsNullOrEmpty(host) || host == "?" ? asked.Host : host, port);
    }
}
