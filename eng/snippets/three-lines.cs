var db = app.Services.GetRequiredService<ShopDatabase>();
