PRAGMA application_id = 1279423084;
PRAGMA user_version = 2;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE records (
        seq INTEGER PRIMARY KEY,
        wall_ms INTEGER NOT NULL,
        body TEXT NOT NULL,
        hash BLOB NOT NULL,
        kind AS (json_extract(body, '$.record')),
        at_us AS (json_extract(body, '$.at')),
        copy AS (json_extract(body, '$.copy')),
        login AS (json_extract(body, '$.login'))
    );
INSERT INTO records VALUES(1,1763728000000,'{"record":"account","login":1001,"currency":"USD","balance":"10000.00","equity":"10000.00","margin":"0.00","free_margin":"10000.00","at":0}',X'7313116fda68feb5c55bb142a4f46d2c2fe57b4e066dce50ee09d31659c62e9f');
INSERT INTO records VALUES(2,1763728000000,'{"record":"account","login":2001,"currency":"USD","balance":"10000.00","equity":"10000.00","margin":"0.00","free_margin":"10000.00","at":0}',X'1516b42596289272ab47e6194bf5965544396ca22b2b2bdc638b9787f20f67b6');
INSERT INTO records VALUES(3,1763728000000,'{"record":"account","login":2002,"currency":"USD","balance":"10000.00","equity":"10000.00","margin":"0.00","free_margin":"10000.00","at":0}',X'6f9763f209ec23f92516ebf3b5d75cd711791b2e17da1d38c58ec864ca2ba2a2');
INSERT INTO records VALUES(4,1763728000100,'{"record":"taken","copy":4294967297,"position":{"id":1,"ticket":1,"symbol":"XAUUSD","side":"buy","lots":"1.00","open_price":"2000","open_time":100,"stop_loss":"1990","take_profit":null,"magic":0,"comment":""},"pool":"half","at":100000}',X'0f918128eaec7791359ce4d485a61398e4592c591c5c9d3ba286cf00ab35920a');
INSERT INTO records VALUES(5,1763728000100,'{"record":"decided","copy":4294967297,"pool":"half","login":2001,"decision":{"method":"multiplier","facts":{"master_lots":"1.00","profile":"0.5","lots_min":"0.01","lots_max":"50.00","lot_step":"0.01"},"lots_before_rounding":"0.5","rounding":{"policy":"down","step":"0.01","lots":"0.50"},"caps":[],"skip":null},"at":100000}',X'334c3dbe16bb2d5d7daeb20ad28d445d76cb10442db0edb700d63d68ce752d85');
INSERT INTO records VALUES(6,1763728000100,'{"record":"decided","copy":4294967297,"pool":"half","login":2002,"decision":{"method":"multiplier","facts":{"master_lots":"1.00","profile":"0.5","lots_min":"0.01","lots_max":"50.00","lot_step":"0.01"},"lots_before_rounding":"0.5","rounding":{"policy":"down","step":"0.01","lots":"0.50"},"caps":[],"skip":null},"at":100000}',X'6766be8a160c5637f39d51a09afda0b89ae5e730751e3c03284c5745949afd77');
INSERT INTO records VALUES(7,1763728000100,'{"record":"copy","copy":4294967297,"login":2001,"state":"sent","opened":"0.00","at":100000}',X'eebf513f59cbb5ae3c61b8861a00439f9ac243f72ca1ab9a157aac2b99b4cc21');
INSERT INTO records VALUES(8,1763728000100,'{"record":"copy","copy":4294967297,"login":2002,"state":"sent","opened":"0.00","at":100000}',X'2e1cd5f73e4858b4396b11063b9850da1f40ffa855504c5c86c94f73b6ac6582');
INSERT INTO records VALUES(9,1763728000100,'{"record":"instructed","copy":4294967297,"login":2001,"instruction":1,"symbol":"XAUUSD","action":{"open":{"side":"buy","lots":"0.50","stop_loss":"1990","take_profit":null}},"reference":"2000","deviation_points":50,"committed_at":100000,"valid_until":8100000,"at":100000}',X'92bf8d4a7af58ed9e8f45473ef53c47274a5348b73af405df40693d46e02f6a3');
INSERT INTO records VALUES(10,1763728000100,'{"record":"instructed","copy":4294967297,"login":2002,"instruction":2,"symbol":"XAUUSD","action":{"open":{"side":"buy","lots":"0.50","stop_loss":"1990","take_profit":null}},"reference":"2000","deviation_points":50,"committed_at":100000,"valid_until":8100000,"at":100000}',X'ddd92e69b5183a91202dcfc6a7b66686de3f18b9e20c630765a7d547e01a7c67');
INSERT INTO records VALUES(11,1763728000120,'{"record":"copy","copy":4294967297,"login":2001,"state":"open","opened":"0.50","retcode":10009,"at":120000}',X'b63c2da35c4e599774f404a20952f4e09e55925f68129280b16fc149769677ee');
INSERT INTO records VALUES(12,1763728000120,'{"record":"reported","copy":4294967297,"login":2001,"instruction":1,"outcome":{"answered":{"retcode":10009,"deal":1,"ticket":1,"lots":"0.50","price":"2000"}},"slippage":"0","since_commit_us":20000,"since_sent_us":20000,"at":120000}',X'453c912ba1dbd9ee5e52d0d610a0a58ea563d4c2c9b5413389303a8447613a70');
INSERT INTO records VALUES(13,1763728000140,'{"record":"copy","copy":4294967297,"login":2002,"state":"rejected","opened":"0.00","retcode":10019,"at":140000}',X'f7bb17251332a7fbb3ab04f3eccff5bbf5b5f1503fe2e554939f9eadf738e7d5');
INSERT INTO records VALUES(14,1763728000140,'{"record":"reported","copy":4294967297,"login":2002,"instruction":2,"outcome":{"answered":{"retcode":10019,"deal":0,"ticket":0,"lots":"0.00","price":"0"}},"since_commit_us":40000,"since_sent_us":40000,"at":140000}',X'ebbf589721a04c86e15d939987951d5b85f4e0a0c29a2383bbab0b843a0c0536');
INSERT INTO records VALUES(15,1763728000500,'{"record":"master_changed","copy":4294967297,"lots":"0.50","stop_loss":"1990","take_profit":null,"at":500000}',X'aed70ae0a4a94b7aead847225415c6b4e148513fda17cc4883775e55475ea89d');
INSERT INTO records VALUES(16,1763728000500,'{"record":"instructed","copy":4294967297,"login":2001,"instruction":3,"symbol":"XAUUSD","action":{"reduce":{"to":"0.25"}},"reference":"2000","deviation_points":50,"committed_at":500000,"valid_until":8100000,"at":500000}',X'48ca90f5a56141ec21461bee729e0739481e5ee7f182bc3540af5183fbb6793e');
INSERT INTO records VALUES(17,1763728000510,'{"record":"reported","copy":4294967297,"login":2001,"instruction":3,"outcome":{"answered":{"retcode":10009,"deal":1,"ticket":1,"lots":"0.25","price":"2000"}},"since_commit_us":10000,"since_sent_us":10000,"at":510000}',X'142b144f0fc69131c29287696d25db380e2d853b5081aafabc5fd5a77c4c7b1c');
INSERT INTO records VALUES(18,1763728000600,'{"record":"taken","copy":4294967298,"position":{"id":2,"ticket":2,"symbol":"XAUUSD","side":"buy","lots":"0.01","open_price":"2000","open_time":600,"stop_loss":null,"take_profit":null,"magic":0,"comment":""},"pool":"half","at":600000}',X'1e09b426f8316c553955bf587ce1579bf4f852f1220d9bbe07f83369b9dd1dca');
INSERT INTO records VALUES(19,1763728000600,'{"record":"decided","copy":4294967298,"pool":"half","login":2001,"decision":{"method":"multiplier","facts":{"master_lots":"0.01","profile":"0.5","lots_min":"0.01","lots_max":"50.00","lot_step":"0.01"},"lots_before_rounding":"0.005","rounding":{"policy":"down","step":"0.01","lots":"0.00"},"caps":[],"skip":"below_minimum"},"at":600000}',X'c34896fb3b0ff3df16456b119b49281596f4dd12af02c44b2e95cda983730afb');
INSERT INTO records VALUES(20,1763728000600,'{"record":"copy","copy":4294967298,"login":2001,"state":"skipped","opened":"0.00","skip":"below_minimum","at":600000}',X'105f451c2454132a5fce61ea895afe8e0511efc5e97ae253b6512d5a0f23524e');
INSERT INTO records VALUES(21,1763728000600,'{"record":"decided","copy":4294967298,"pool":"half","login":2002,"decision":{"method":"multiplier","facts":{"master_lots":"0.01","profile":"0.5","lots_min":"0.01","lots_max":"50.00","lot_step":"0.01"},"lots_before_rounding":"0.005","rounding":{"policy":"down","step":"0.01","lots":"0.00"},"caps":[],"skip":"below_minimum"},"at":600000}',X'7cc34506e99f6d8d5c6214adf0dc7c58285fd70193d272afa00a6bb5d8a5cf73');
INSERT INTO records VALUES(22,1763728000600,'{"record":"copy","copy":4294967298,"login":2002,"state":"skipped","opened":"0.00","skip":"below_minimum","at":600000}',X'739273e6c3428f67badb5022c16a2c9173ac45ccfbaf6f7404c8052152cf989b');
INSERT INTO records VALUES(23,1763728000700,'{"record":"taken","copy":4294967299,"position":{"id":3,"ticket":3,"symbol":"XAUUSD","side":"buy","lots":"0.40","open_price":"2000","open_time":700,"stop_loss":null,"take_profit":null,"magic":0,"comment":""},"pool":"half","at":700000}',X'e40cbf87293b1fe6e2dae9e0c17ac5708056e917a5c75493c9d3adfb41b17799');
INSERT INTO records VALUES(24,1763728000700,'{"record":"decided","copy":4294967299,"pool":"half","login":2001,"decision":{"method":"multiplier","facts":{"master_lots":"0.40","profile":"0.5","lots_min":"0.01","lots_max":"50.00","lot_step":"0.01"},"lots_before_rounding":"0.2","rounding":{"policy":"down","step":"0.01","lots":"0.20"},"caps":[],"skip":null},"at":700000}',X'ff9018520fc1719b814411ab68897e19c39b2f8c7db0dcb04e3a9427a1143ba8');
INSERT INTO records VALUES(25,1763728000700,'{"record":"decided","copy":4294967299,"pool":"half","login":2002,"decision":{"method":"multiplier","facts":{"master_lots":"0.40","profile":"0.5","lots_min":"0.01","lots_max":"50.00","lot_step":"0.01"},"lots_before_rounding":"0.2","rounding":{"policy":"down","step":"0.01","lots":"0.20"},"caps":[],"skip":null},"at":700000}',X'b667b6866792d332ce67f59b8bf197535a8531a2ec66ebf1640b6e944d5c10a8');
INSERT INTO records VALUES(26,1763728000700,'{"record":"copy","copy":4294967299,"login":2001,"state":"sent","opened":"0.00","at":700000}',X'8a9ec3528d79dea6346ddd8993247aeed09e71e8874e7b705bb9bcab13437571');
INSERT INTO records VALUES(27,1763728000700,'{"record":"copy","copy":4294967299,"login":2002,"state":"sent","opened":"0.00","at":700000}',X'5cc96349f9846c79c0e641334c025f2067d5b982ee9efa602d018966bdf876ab');
INSERT INTO records VALUES(28,1763728000700,'{"record":"instructed","copy":4294967299,"login":2001,"instruction":4,"symbol":"XAUUSD","action":{"open":{"side":"buy","lots":"0.20","stop_loss":null,"take_profit":null}},"reference":"2000","deviation_points":50,"committed_at":700000,"valid_until":8700000,"at":700000}',X'bfba95f792ddc16528e31a2250b90ccae0bb428530701ba41b505eba77a0e0b9');
INSERT INTO records VALUES(29,1763728000700,'{"record":"instructed","copy":4294967299,"login":2002,"instruction":5,"symbol":"XAUUSD","action":{"open":{"side":"buy","lots":"0.20","stop_loss":null,"take_profit":null}},"reference":"2000","deviation_points":50,"committed_at":700000,"valid_until":8700000,"at":700000}',X'800b572d8512108d26ee0d00044a8cf0592bd459f890f928c8e138fb73e6010e');
INSERT INTO records VALUES(30,1763728000710,'{"record":"copy","copy":4294967299,"login":2001,"state":"open","opened":"0.20","retcode":10009,"at":710000}',X'9fb9622a9492f7b045b8129a06ec9dadc203b917fdb4ebda52203b6f97b4c074');
INSERT INTO records VALUES(31,1763728000710,'{"record":"reported","copy":4294967299,"login":2001,"instruction":4,"outcome":{"answered":{"retcode":10009,"deal":1,"ticket":1,"lots":"0.20","price":"2000"}},"slippage":"0","since_commit_us":10000,"since_sent_us":10000,"at":710000}',X'eee8a568adb602e0f27eda427fb1d986f67fb38551ba1cfa7f11d322daa8aa74');
INSERT INTO records VALUES(32,1763728000730,'{"record":"copy","copy":4294967299,"login":2002,"state":"in_doubt","opened":"0.00","retcode":10012,"at":730000}',X'396358db756f117a32a4daab58a4e06970ac3ef4ebbe3188d32b3009ccb9c746');
INSERT INTO records VALUES(33,1763728000730,'{"record":"reported","copy":4294967299,"login":2002,"instruction":5,"outcome":{"answered":{"retcode":10012,"deal":0,"ticket":0,"lots":"0.00","price":"0"}},"since_commit_us":30000,"since_sent_us":30000,"at":730000}',X'0259be225c3d49c4e5606286ca4069fa2e5c252b186c0fd25167b1b1bd2fec72');
INSERT INTO records VALUES(34,1763728000800,'{"record":"copy","copy":4294967299,"login":2001,"state":"closing","opened":"0.20","retcode":10009,"at":800000}',X'f7ba40f8884f7215f43348f6e50e7ff554c86e188228772ad94f07f4022aa1e0');
INSERT INTO records VALUES(35,1763728000800,'{"record":"master_changed","copy":4294967299,"lots":"0.00","stop_loss":null,"take_profit":null,"at":800000}',X'6f295168b0c283339524881a29a922de5db767d77140be61da1edc0362fd0935');
INSERT INTO records VALUES(36,1763728000800,'{"record":"instructed","copy":4294967299,"login":2001,"instruction":6,"symbol":"XAUUSD","action":{"reduce":{"to":"0.00"}},"reference":"2000","deviation_points":50,"committed_at":800000,"valid_until":8700000,"at":800000}',X'45febb73e4f26822c1884f4b84acb80847149ec7039deb78964a5b68454ec66e');
INSERT INTO records VALUES(37,1763728000810,'{"record":"reported","copy":4294967299,"login":2001,"instruction":6,"outcome":{"answered":{"retcode":10009,"deal":1,"ticket":1,"lots":"0.20","price":"2000"}},"since_commit_us":10000,"since_sent_us":10000,"at":810000}',X'41011c4de089a54c8fcb481e8ade28e1f2867a510f09b09d02c195837dcdf261');
INSERT INTO records VALUES(38,1763728000820,'{"record":"copy","copy":4294967299,"login":2001,"state":"closed","opened":"0.20","retcode":10009,"at":820000}',X'a1c4c1fb8f21614b1683bd58ce342a9af9253862131d2a5b7609d52c429eac41');
INSERT INTO records VALUES(39,1763728000900,'{"record":"taken","copy":4294967301,"position":{"id":5,"ticket":5,"symbol":"XAUUSD","side":"buy","lots":"0.10","open_price":"1990","open_time":900,"stop_loss":"1980","take_profit":"2020","magic":0,"comment":""},"order":{"ticket":5,"symbol":"XAUUSD","side":"buy","kind":"limit","lots":"0.10","terms":{"price":"1990","limit_price":null,"stop_loss":"1980","take_profit":"2020","expiration":"gtc"},"placed":900,"magic":0,"comment":""},"pool":"half","at":900000}',X'41ae8c0593415421216ad457e7911c91d8c7a8790e6fad140a1252a75327a5ff');
INSERT INTO records VALUES(40,1763728000900,'{"record":"decided","copy":4294967301,"pool":"half","login":2001,"decision":{"method":"multiplier","facts":{"master_lots":"0.10","profile":"0.5","lots_min":"0.01","lots_max":"50.00","lot_step":"0.01"},"lots_before_rounding":"0.05","rounding":{"policy":"down","step":"0.01","lots":"0.05"},"caps":[],"skip":null},"at":900000}',X'7e791a3bf85581afe2d57a3004d7ad64b5e53aec70bcc446fbd66d111ad83201');
INSERT INTO records VALUES(41,1763728000900,'{"record":"decided","copy":4294967301,"pool":"half","login":2002,"decision":{"method":"multiplier","facts":{"master_lots":"0.10","profile":"0.5","lots_min":"0.01","lots_max":"50.00","lot_step":"0.01"},"lots_before_rounding":"0.05","rounding":{"policy":"down","step":"0.01","lots":"0.05"},"caps":[],"skip":null},"at":900000}',X'86f7ae35fe5004cd39584ce7c8b28d56e2a59368e8be632a223092e49f270791');
INSERT INTO records VALUES(42,1763728000900,'{"record":"copy","copy":4294967301,"login":2001,"state":"sent","opened":"0.00","at":900000}',X'8cc2d9518c54926f1f30e56397e458a6c5e474ebe36c3082f654b3a375394249');
INSERT INTO records VALUES(43,1763728000900,'{"record":"copy","copy":4294967301,"login":2002,"state":"sent","opened":"0.00","at":900000}',X'a60888de6a8140f3d88b5060cc33ee988f892e150883720c03a719c6bc090918');
INSERT INTO records VALUES(44,1763728000900,'{"record":"instructed","copy":4294967301,"login":2001,"instruction":7,"symbol":"XAUUSD","action":{"place":{"side":"buy","kind":"limit","lots":"0.05","terms":{"price":"1990","limit_price":null,"stop_loss":"1980","take_profit":"2020","expiration":"gtc"}}},"reference":"1990","deviation_points":50,"committed_at":900000,"valid_until":8900000,"at":900000}',X'3561bf41cb702362b1262c9352940809345b64ab781c0f8fb3bfc32b21c2628c');
INSERT INTO records VALUES(45,1763728000900,'{"record":"instructed","copy":4294967301,"login":2002,"instruction":8,"symbol":"XAUUSD","action":{"place":{"side":"buy","kind":"limit","lots":"0.05","terms":{"price":"1990","limit_price":null,"stop_loss":"1980","take_profit":"2020","expiration":"gtc"}}},"reference":"1990","deviation_points":50,"committed_at":900000,"valid_until":8900000,"at":900000}',X'23ff5e626df2cdc0a07b42a7e41c3a66791e88b4ea5336d3588549f6089a2f71');
INSERT INTO records VALUES(46,1763728000920,'{"record":"copy","copy":4294967301,"login":2001,"state":"pending","opened":"0.00","retcode":10009,"at":920000}',X'04970ecaaeeefb653a5f3f4f7753cfd8f22f9f561925278b0b0c452f683e8b2c');
INSERT INTO records VALUES(47,1763728000920,'{"record":"reported","copy":4294967301,"login":2001,"instruction":7,"outcome":{"answered":{"retcode":10009,"deal":0,"ticket":1,"lots":"0.00","price":"0"}},"since_commit_us":20000,"since_sent_us":20000,"at":920000}',X'fda94b717e3a91cbbbafdfab52fe7bd887880ba72f2d5dda2b3f90c422752d45');
INSERT INTO records VALUES(48,1763728000940,'{"record":"by_hand","reaction":"close_only","at":940000}',X'0448eb026e9d001e4d9fa2ed741c3ca8721bcb67a51e83b0095b0b42c13cba4a');
INSERT INTO records VALUES(49,1763728000940,'{"record":"instructed","copy":4294967301,"login":2001,"instruction":9,"symbol":"XAUUSD","action":"cancel","reference":"1990","deviation_points":50,"committed_at":900000,"valid_until":8900000,"at":940000}',X'2c56af3536a38cadff72efdc24bfb9dfc7f766a4c6a0feefa517dbb9a30fe382');
CREATE INDEX records_of_copy ON records (copy) WHERE copy IS NOT NULL;
CREATE INDEX records_of_kind ON records (kind);
CREATE VIEW accounts AS SELECT seq, strftime('%FT%H:%M:%fZ', wall_ms / 1000.0, 'unixepoch') AS time, login,
        body ->> '$.currency' AS currency, body ->> '$.balance' AS balance, body ->> '$.equity' AS equity,
        body ->> '$.margin' AS margin, body ->> '$.free_margin' AS free_margin
        FROM records WHERE kind = 'account';
CREATE VIEW master_events AS SELECT seq, strftime('%FT%H:%M:%fZ', wall_ms / 1000.0, 'unixepoch') AS time,
        (copy >> 32) || ':' || (copy & 4294967295) AS copy,
        CASE WHEN kind = 'taken' THEN 'open' WHEN body ->> '$.lots' IN ('0', '0.00') THEN 'close' ELSE 'change' END
            AS event,
        body ->> '$.pool' AS pool, body ->> '$.position.symbol' AS symbol, body ->> '$.position.side' AS side,
        coalesce(body ->> '$.lots', body ->> '$.position.lots') AS lots,
        body ->> '$.position.open_price' AS open_price,
        coalesce(body ->> '$.stop_loss', body ->> '$.position.stop_loss') AS stop_loss,
        coalesce(body ->> '$.take_profit', body ->> '$.position.take_profit') AS take_profit
        FROM records WHERE kind IN ('taken', 'master_changed');
CREATE VIEW decisions AS SELECT seq, strftime('%FT%H:%M:%fZ', wall_ms / 1000.0, 'unixepoch') AS time,
        (copy >> 32) || ':' || (copy & 4294967295) AS copy, login, body ->> '$.pool' AS pool,
        body ->> '$.decision.method' AS method, body ->> '$.decision.facts.master_lots' AS master_lots,
        body ->> '$.decision.lots_before_rounding' AS lots_before_rounding,
        body ->> '$.decision.rounding.lots' AS lots, body ->> '$.decision.skip' AS skip, body ->> '$.credit' AS credit
        FROM records WHERE kind = 'decided';
CREATE VIEW copies AS SELECT seq, strftime('%FT%H:%M:%fZ', wall_ms / 1000.0, 'unixepoch') AS time,
        (copy >> 32) || ':' || (copy & 4294967295) AS copy, login, body ->> '$.state' AS state,
        body ->> '$.opened' AS opened, body ->> '$.retcode' AS retcode, body ->> '$.skip' AS skip
        FROM records WHERE kind = 'copy';
CREATE VIEW instructions AS SELECT seq, strftime('%FT%H:%M:%fZ', wall_ms / 1000.0, 'unixepoch') AS time,
        (copy >> 32) || ':' || (copy & 4294967295) AS copy, login, body ->> '$.instruction' AS instruction,
        (SELECT key FROM json_each(body, '$.action')) AS action, body ->> '$.symbol' AS symbol,
        body ->> '$.action.open.side' AS side,
        coalesce(body ->> '$.action.open.lots', body ->> '$.action.reduce.to') AS lots,
        coalesce(body ->> '$.action.open.stop_loss', body ->> '$.action.modify.stop_loss') AS stop_loss,
        coalesce(body ->> '$.action.open.take_profit', body ->> '$.action.modify.take_profit') AS take_profit,
        body ->> '$.reference' AS reference, body ->> '$.deviation_points' AS deviation_points,
        body ->> '$.valid_until' - at_us AS valid_for_us
        FROM records WHERE kind = 'instructed';
CREATE VIEW reports AS SELECT seq, strftime('%FT%H:%M:%fZ', wall_ms / 1000.0, 'unixepoch') AS time,
        (copy >> 32) || ':' || (copy & 4294967295) AS copy, login, body ->> '$.instruction' AS instruction,
        CASE json_type(body, '$.outcome') WHEN 'text' THEN body ->> '$.outcome'
            ELSE (SELECT key FROM json_each(body, '$.outcome')) END AS outcome,
        body ->> '$.outcome.answered.retcode' AS retcode, body ->> '$.outcome.declined' AS declined,
        body ->> '$.outcome.answered.lots' AS lots, body ->> '$.outcome.answered.price' AS price,
        body ->> '$.slippage' AS slippage, body ->> '$.since_commit_us' AS since_commit_us,
        body ->> '$.since_sent_us' AS since_sent_us
        FROM records WHERE kind = 'reported';
CREATE VIEW skips AS SELECT seq, time, copy, login, state, coalesce(skip, 'rejected_' || retcode) AS reason
        FROM copies WHERE state IN ('skipped', 'rejected');
CREATE VIEW guards AS SELECT seq, strftime('%FT%H:%M:%fZ', wall_ms / 1000.0, 'unixepoch') AS time, login, body
        FROM records WHERE kind = 'guard';
CREATE VIEW configurations AS SELECT seq, strftime('%FT%H:%M:%fZ', wall_ms / 1000.0, 'unixepoch') AS time,
        body ->> '$.sha256' AS sha256, body ->> '$.configuration' AS configuration
        FROM records WHERE kind = 'configured';
COMMIT;
