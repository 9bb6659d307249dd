using System.Transactions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage;
using Millpond.Feeds;

namespace Millpond.EntityFrameworkCore.Live.Tests.Live;

/// <summary>What a save writes to the outbox, and in which transaction.</summary>
[Collection("one shop")]
public sealed class Saving(ShopDatabase database) : IClassFixture<ShopDatabase>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_rows_are_told_with_the_keys_that_the_database_gave_them()
    {
        await using var shop = database.Open();
        var product = await AddAsync(shop, 7);
        Assert.Equal([$"I public.\"Products\"  -> {Row(product.Id, 7)}"], await database.ToldAsync());
        Assert.Equal(AutoTransactionBehavior.WhenNeeded, shop.Database.AutoTransactionBehavior);
    }

    [Fact]
    public async Task Changed_and_deleted_rows_are_told_with_what_they_were_and_nothing_that_no_rule_reads()
    {
        await using var shop = database.Open();
        var product = await AddAsync(shop, 7);
        await database.ToldAsync();
        (product.CategoryId, product.Grade, product.Secret) = (8, Grade.Used, "told to nobody");
        await shop.SaveChangesAsync(Token);
        shop.Remove(product);
        await shop.SaveChangesAsync(Token);
        Assert.Equal([$"U public.\"Products\" {Row(product.Id, 7)} -> {Row(product.Id, 8, "Used")}", $"D public.\"Products\" {Row(product.Id, 8, "Used")} -> "], await database.ToldAsync());
    }

    [Fact]
    public async Task Entities_that_were_never_read_are_told_with_what_the_database_has()
    {
        int updated, removed;
        await using (var shop = database.Open())
        {
            (updated, removed) = ((await AddAsync(shop, 7)).Id, (await AddAsync(shop, 8)).Id);
            await database.ToldAsync();
        }

        await using (var shop = database.Open())
        {
            shop.Update(new Product { Id = updated, CategoryId = 9, Grade = Grade.New, Maker = new Maker { Name = "b" }, Size = new Size { Length = 1 } });
            await shop.SaveChangesAsync(Token);
        }

        await using (var shop = database.Open())
        {
            shop.Remove(new Product { Id = removed });
            await shop.SaveChangesAsync(Token);
        }

        var told = await database.ToldAsync();
        Assert.Contains(told, one => one.StartsWith($"U public.\"Products\" {Row(updated, 7)} -> {Row(updated, 9, maker: "b")}", StringComparison.Ordinal));
        Assert.Contains(told, one => one.StartsWith($"D public.\"Products\" {{\"id\":\"{removed}\",\"category_id\":\"8\",\"grade\":\"New\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Parts_of_a_row_are_told_as_the_row()
    {
        await using var shop = database.Open();
        var product = await AddAsync(shop, 7);
        await database.ToldAsync();
        product.Maker.Name = "b";
        await shop.SaveChangesAsync(Token);
        Assert.Equal([$"U public.\"Products\" {Row(product.Id, 7)} -> {Row(product.Id, 7, maker: "b")}"], await database.ToldAsync());
        product.Notes.Add(new Note { Text = "kept as JSON" });
        product.Notes.Add(new Note { Text = "in the same column" });
        await shop.SaveChangesAsync(Token);
        Assert.Equal([$"U public.\"Products\" {Row(product.Id, 7, maker: "b")} -> {Row(product.Id, 7, maker: "b")}"], await database.ToldAsync());
        product.Size!.Length = 5;
        await shop.SaveChangesAsync(Token);
        Assert.Equal([$"U public.\"Products\" {Row(product.Id, 7, maker: "b")} -> {Row(product.Id, 7, maker: "b", length: 5)}"], await database.ToldAsync());
    }

    [Fact]
    public async Task Rows_that_go_with_another_are_told()
    {
        await using var shop = database.Open();
        var product = await AddAsync(shop, 7);
        var review = shop.Add(new Review { Product = product }).Entity;
        await shop.SaveChangesAsync(Token);
        Assert.Contains($"I shop.reviews  -> {{\"id\":\"{review.Id}\",\"product_id\":\"{product.Id}\"}}", await database.ToldAsync());
        shop.ChangeTracker.CascadeDeleteTiming = Microsoft.EntityFrameworkCore.ChangeTracking.CascadeTiming.OnSaveChanges;
        shop.Remove(product);
        await shop.SaveChangesAsync(Token);
        var told = await database.ToldAsync();
        Assert.Contains(told, one => one.StartsWith("D public.\"Products\"", StringComparison.Ordinal));
        Assert.Contains(told, one => one.StartsWith($"D shop.reviews {{\"id\":\"{review.Id}\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_nobody_follows_is_not_told_and_is_saved_as_ever()
    {
        var begun = new Begun();
        await using var shop = database.Open(interceptors: begun);
        shop.Add(new Visit());
        await shop.SaveChangesAsync(Token);
        Assert.Empty(await database.ToldAsync());
        Assert.Equal(0, begun.Transactions);
    }

    [Fact]
    public async Task A_save_that_does_not_wait_is_told_too()
    {
        await using var shop = database.Open();
        shop.Add(NewProduct(7));
        shop.SaveChanges();
        shop.Products.First(one => one.CategoryId == 7).CategoryId = 8;
        shop.SaveChanges();
        shop.Remove(new Review { Id = -2 });
        Assert.Throws<DbUpdateConcurrencyException>(() => shop.SaveChanges());
        Assert.Equal(2, (await database.ToldAsync()).Count);
    }

    [Fact]
    public async Task A_transaction_of_the_application_carries_what_it_saved_and_nothing_that_it_undid()
    {
        await using var shop = database.Open();
        var kept = await AddAsync(shop, 7);
        await database.ToldAsync();
        await using (var undone = await shop.Database.BeginTransactionAsync(Token))
        {
            kept.CategoryId = 8;
            await shop.SaveChangesAsync(Token);
            await undone.RollbackAsync(Token);
        }

        Assert.Empty(await database.ToldAsync());
        await using (var transaction = await shop.Database.BeginTransactionAsync(Token))
        {
            kept.CategoryId = 9;
            await shop.SaveChangesAsync(Token);
            await transaction.CreateSavepointAsync("before", Token);
            kept.CategoryId = 10;
            await shop.SaveChangesAsync(Token);
            await transaction.RollbackToSavepointAsync("before", Token);

            // A save that fails is undone to where it began, and the transaction goes on.
            shop.ChangeTracker.Clear();
            shop.Add(new Product { Id = kept.Id, Maker = new Maker() });
            await Assert.ThrowsAnyAsync<Exception>(() => shop.SaveChangesAsync(Token));
            await transaction.CommitAsync(Token);
        }

        var told = Assert.Single(await database.ToldAsync());
        Assert.EndsWith($"-> {Row(kept.Id, 9)}", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ambient_transaction_carries_it()
    {
        await using var shop = database.Open();
        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await AddAsync(shop, 7);
        }

        Assert.Empty(await database.ToldAsync());
        using (var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await AddAsync(shop, 8);
            scope.Complete();
        }

        Assert.Single(await database.ToldAsync());
    }

    [Fact]
    public async Task A_save_that_fails_is_not_told_nor_is_it_with_the_next()
    {
        await using var shop = database.Open();
        var product = await AddAsync(shop, 7);
        await database.ToldAsync();
        shop.Remove(new Review { Id = -1 });
        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => shop.SaveChangesAsync(Token));
        shop.ChangeTracker.Clear();
        await using (var transaction = await shop.Database.BeginTransactionAsync(Token))
        {
            await transaction.CommitAsync(Token);
        }

        Assert.Empty(await database.ToldAsync());
        shop.Attach(product).Entity.CategoryId = 8;
        await shop.SaveChangesAsync(Token);
        Assert.Single(await database.ToldAsync());
        Assert.Equal(AutoTransactionBehavior.WhenNeeded, shop.Database.AutoTransactionBehavior);
    }

    [Fact]
    public async Task Statements_that_pass_the_tracker_by_are_written_by_hand()
    {
        await using var shop = database.Open();
        await AddAsync(shop, 70);
        await database.ToldAsync();
        await using var transaction = await shop.Database.BeginTransactionAsync(Token);
        await shop.Products.Where(one => one.CategoryId == 70).ExecuteUpdateAsync(row => row.SetProperty(one => one.CategoryId, 71), Token);
        await shop.Products.Where(one => one.CategoryId == 71).ExecuteDeleteAsync(Token);
        await database.Outbox.AddAsync(transaction.GetDbTransaction(), [new RowChange("public.\"Products\"", RowChangeKind.Truncate, null, null)], Token);
        await transaction.CommitAsync(Token);
        Assert.Equal(["T public.\"Products\"  -> "], await database.ToldAsync());
    }

    [Fact]
    public async Task A_save_that_is_run_again_is_told_once()
    {
        int id;
        await using (var before = database.Open())
        {
            id = (await AddAsync(before, 7)).Id;
            await database.ToldAsync();
        }

        var fault = new FaultAtCommit();
        await using var shop = database.Open(retries: true, fault);
        (await shop.Products.SingleAsync(one => one.Id == id, Token)).CategoryId = 8;
        shop.Add(new Review { ProductId = id });
        await shop.SaveChangesAsync(Token);
        Assert.Equal(2, fault.Commits);
        Assert.Equal(2, (await database.ToldAsync()).Count);
    }

    private static Product NewProduct(int category) => new() { CategoryId = category, Grade = Grade.New, Maker = new Maker { Name = "a" }, Size = new Size { Length = 1 } };

    private static async Task<Product> AddAsync(Shop shop, int category)
    {
        var product = shop.Add(NewProduct(category)).Entity;
        await shop.SaveChangesAsync(Token);
        return product;
    }

    private static string Row(int id, int category, string grade = "New", string maker = "a", int length = 1) => $$"""{"id":"{{id}}","category_id":"{{category}}","grade":"{{grade}}","maker":"{{maker}}","length":"{{length}}"}""";
}
