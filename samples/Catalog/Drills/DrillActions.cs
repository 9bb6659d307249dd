using System.Globalization;
using Catalog.Database;
using Catalog.Instances;
using Catalog.Page;
using Catalog.Shop;
using Millpond.Resp;

namespace Catalog.Drills;

/// <summary>What the page's buttons do. Each returns a sentence that says what happened.</summary>
internal sealed class DrillActions(DrillBoard board, ShopKeyspaces keyspaces, HotKeys hot, ProductQueries products, Fleet fleet, TierSwitch tier, TierKeys keys)
{
    /// <summary>Carries out the drill, or ends it if it is running; null if there is none of this name.</summary>
    public async ValueTask<string?> RunAsync(string name, CancellationToken cancellation) => name switch
    {
        "expire-hottest" => await ExpireHottestAsync(cancellation),
        "invalidate-category" => await InvalidateCategoryAsync(cancellation),
        "slow" => await ToggleAsync(name, $"Every query takes {SourceSwitch.Slowness.TotalMilliseconds:0} ms longer", "The database is quick again.", cancellation),
        "stop" => await ToggleAsync(name, "The database answers nobody", "The database answers again.", cancellation),
        "lose-tier" or "slow-tier" when !tier.IsConnected => "This instance shares nothing, so there is no shared tier to lose. Start some with --instances 3.",
        "lose-tier" => await ToggleAsync(name, "The shared tier answers nobody", "The shared tier answers again.", cancellation),
        "slow-tier" => await ToggleAsync(name, $"Every call of the shared tier takes {TierSwitch.Slowness.TotalSeconds:0} s longer", "The shared tier is quick again.", cancellation),
        "empty-tier" => await EmptyTierAsync(cancellation),
        "bypass" => await ToggleAsync(name, "Every read goes to the database, past the cache", "Reads go through the cache again.", cancellation),
        "crowd" => await ToggleCrowdAsync(cancellation),
        _ => null,
    };

    private async ValueTask<string> ExpireHottestAsync(CancellationToken cancellation)
    {
        if (hot.Hottest is not { } id)
        {
            return "Nobody has asked for a product yet, so there is no hottest one.";
        }

        await keyspaces.Products.InvalidateAsync(id, cancellation);
        return $"Product {Text(id)} was invalidated: whoever asks next loads it, and everybody else waits for that one load.";
    }

    private async ValueTask<string> InvalidateCategoryAsync(CancellationToken cancellation)
    {
        Product? hottest = hot.Hottest is { } id ? await products.FindAsync(id, cancellation) : null;
        if (hottest is null)
        {
            return "Nobody has asked for a product yet, so no category is in demand.";
        }

        string tag = ShopKeyspaces.CategoryTag(hottest.PlatformCode);
        await keyspaces.Products.InvalidateTagAsync(tag, cancellation);
        await keyspaces.Categories.InvalidateTagAsync(tag, cancellation);
        return $"Everything tagged {tag} ({hottest.Platform}) was invalidated, in one step.";
    }

    private async ValueTask<string> EmptyTierAsync(CancellationToken cancellation)
    {
        try
        {
            return await keys.DeleteAsync(cancellation) is { } deleted
                ? $"{deleted.ToString("N0", CultureInfo.InvariantCulture)} keys are gone from the shared tier. Each instance goes on with what it holds, as stale, and the limit of the database sets the pace."
                : "This instance shares nothing, so there is no shared tier to empty. Start some with --instances 3.";
        }
        catch (RespException failure)
        {
            return $"The shared tier could not be emptied: {failure.Message}";
        }
    }

    private async ValueTask<string> ToggleCrowdAsync(CancellationToken cancellation)
    {
        bool isOn = board.Crowd.Product is null;
        board.Set("crowd", isOn);
        await fleet.DrillAsync("crowd", isOn, cancellation);
        return isOn
            ? $"Four requests in five want product {Text(board.Crowd.Product ?? 0)} for {DrillBoard.CrowdFor.TotalSeconds:0} s; nobody wanted it before."
            : "The crowd went home.";
    }

    private async ValueTask<string> ToggleAsync(string name, string on, string off, CancellationToken cancellation)
    {
        bool isOn = !board.Running().ContainsKey(name);
        board.Set(name, isOn);
        await fleet.DrillAsync(name, isOn, cancellation);
        return isOn ? $"{on}, for {board.Running()[name]:0} s." : off;
    }

    private static string Text(int id) => id.ToString("N0", CultureInfo.InvariantCulture);
}
