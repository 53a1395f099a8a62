/// Looks and script of a report, within it.
enum ReportStyle {
    static let css = """
        :root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#161b26;--dim:#68707f;\
        --line:#e3e6ec;--accent:#2257d6;--good:#0b8a5b;--bad:#cf3341;--sell:#c2550a}
        @media (prefers-color-scheme:dark){:root{--bg:#0e1117;--card:#161b23;--ink:#e5e9f0;\
        --dim:#8d97a8;--line:#272e3a;--accent:#6d9dff;--good:#37c28b;--bad:#ff6b76;--sell:#ffab5e}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--bg);color:var(--ink);font:14px/1.5 system-ui,-apple-system,\
        "Segoe UI",Roboto,"Noto Sans","Noto Sans KR",sans-serif;font-variant-numeric:tabular-nums}
        main{max-width:1240px;margin:0 auto;padding:32px 20px 64px}
        header{margin-bottom:20px}
        h1{font-size:28px;line-height:1.2;margin:2px 0 4px;letter-spacing:-.01em}
        h2{font-size:15px;margin:0 0 12px}
        .brand{margin:0;color:var(--accent);font-weight:600;font-size:12px;\
        letter-spacing:.08em;text-transform:uppercase}
        .sub,.note,small,figcaption{color:var(--dim)}
        .sub{margin:0}.note{font-size:12.5px;margin:10px 0 0}
        section{background:var(--card);border:1px solid var(--line);border-radius:12px;\
        padding:18px 20px;margin:0 0 16px;min-width:0}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;\
        margin-bottom:16px}
        .tile{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:12px 16px}
        .tile span{display:block;color:var(--dim);font-size:12px}
        .tile b{display:block;font-size:21px;letter-spacing:-.01em;white-space:nowrap}
        .tile small{font-size:12px}
        .good{color:var(--good)}.bad{color:var(--bad)}
        .two{display:grid;grid-template-columns:1fr 1fr;gap:0 40px;align-items:start}
        @media (max-width:860px){.two{grid-template-columns:1fr}}
        table{border-collapse:collapse;width:100%}
        th{font-weight:500;color:var(--dim);font-size:12px;text-align:left;white-space:nowrap}
        th,td{padding:5px 8px;border-bottom:1px solid var(--line)}
        td{white-space:nowrap}
        th:first-child,td:first-child{padding-left:0}
        tr:last-child td{border-bottom:0}
        td small{font-size:11.5px;white-space:normal}
        .num{text-align:right}
        table tr th:not(:first-child){text-align:right}
        .trades th:not(.num),table tr th.word{text-align:left}
        .trades th.num{text-align:right}
        .wide{overflow-x:auto}.tall{max-height:520px;overflow-y:auto}
        .tall thead th{position:sticky;top:0;background:var(--card)}
        .months td{padding:6px 5px;font-size:12.5px;border-radius:4px;border-bottom:2px solid var(--card)}
        .months td.total{font-weight:600}
        .chart{margin:0 0 8px}
        figcaption{font-size:12.5px;margin-bottom:2px}
        svg{width:100%;height:auto;display:block;touch-action:pan-y}
        .grid{stroke:var(--line)}
        .axis{fill:var(--dim);font-size:11.5px}
        .line{fill:none;stroke:var(--accent);stroke-width:1.5;stroke-linejoin:round}
        .fill{fill:var(--accent);opacity:.1}
        .band{fill:var(--accent);opacity:.22}
        .fall .line{stroke:var(--bad)}.fall .fill,.fall .band{fill:var(--bad)}
        .price .line{stroke:var(--dim);stroke-width:1.1}.price .band{fill:var(--dim)}
        .doubts{border-left:3px solid var(--bad);padding-left:14px}
        .split{stroke:var(--dim);stroke-dasharray:4 4}
        .buy{fill:var(--good)}.sell{fill:var(--sell)}
        .buy,.sell{stroke:var(--card);stroke-width:.8}
        .cross{stroke:var(--dim);stroke-dasharray:2 3}
        .dot{fill:var(--accent);stroke:var(--card);stroke-width:1.5}
        #tip{position:fixed;pointer-events:none;background:var(--ink);color:var(--bg);padding:4px 9px;\
        border-radius:6px;font-size:12px;display:none;z-index:9;white-space:nowrap}
        #tip b{display:block;font-size:13px}
        ul{margin:0;padding-left:18px}li{margin:2px 0}
        @media (max-width:600px){.tile b{font-size:18px}svg{overflow:visible}.axis{font-size:24px}\
        .line{stroke-width:3}.price .line{stroke-width:2.2}}
        @media print{body{background:#fff}.tall{max-height:none}section{break-inside:avoid}}
        """

    /// A cross and the values under the pointer. The page is whole without it.
    static let script = """
        const tip=document.createElement('div');tip.id='tip';document.body.append(tip);
        for(const svg of document.querySelectorAll('svg[data-points]')){
        const points=JSON.parse(svg.dataset.points);if(!points.length)continue;
        const cross=svg.querySelector('.cross'),dot=svg.querySelector('.dot');
        const hide=()=>{cross.setAttribute('visibility','hidden');dot.setAttribute('visibility','hidden');\
        tip.style.display='none'};
        svg.addEventListener('pointermove',event=>{
        const box=svg.getBoundingClientRect();
        const x=(event.clientX-box.left)*svg.viewBox.baseVal.width/box.width;
        let low=0,high=points.length-1;
        while(low<high){const middle=low+high>>1;if(points[middle][0]<x)low=middle+1;else high=middle}
        if(low>0&&x-points[low-1][0]<points[low][0]-x)low--;
        const [px,py,time,value]=points[low];
        cross.setAttribute('x1',px);cross.setAttribute('x2',px);cross.setAttribute('visibility','visible');
        dot.setAttribute('cx',px);dot.setAttribute('cy',py);dot.setAttribute('visibility','visible');
        tip.textContent='';const strong=document.createElement('b');strong.textContent=value;
        tip.append(strong,time);tip.style.display='block';
        const left=Math.min(event.clientX+14,innerWidth-tip.offsetWidth-8);
        tip.style.left=left+'px';tip.style.top=event.clientY-tip.offsetHeight-10+'px'});
        svg.addEventListener('pointerleave',hide)}
        """
}
