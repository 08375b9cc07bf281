//+------------------------------------------------------------------+
//| LotBridge: a panel on the chart: lines of text, and buttons.     |
//+------------------------------------------------------------------+
#ifndef LOTBRIDGE_PANEL_MQH
#define LOTBRIDGE_PANEL_MQH

//--- more lines are not shown
#define LB_PANEL_LINES 40
//--- a line is cut after so many characters: a label takes 63
#define LB_PANEL_WIDTH 63
//--- pixels
#define LB_PANEL_LEFT     10
#define LB_PANEL_TOP      24
#define LB_PANEL_STEP     16
#define LB_PANEL_BUTTON_X 110
#define LB_PANEL_BUTTON_Y 22
//--- the second click has to come within this time
#define LB_PANEL_SURE_MS  5000
//--- a click whose event was lost is looked for this often: the chart answers only when it has time
#define LB_PANEL_LOOK_MS  200
//--- what the user, or another program, has deleted comes back within this time
#define LB_PANEL_ANEW_MS  10000

class CLbPanel
  {
private:
   string            m_prefix;
   string            m_lines[];
   string            m_drawn[];
   int               m_count;
   int               m_shown;
   int               m_buttons;
   string            m_texts[];
   int               m_asked;
   ulong             m_asked_until;
   ulong             m_looked_at;
   ulong             m_built_at;

   string            LineName(const int at) { return m_prefix + "line" + IntegerToString(at); }
   string            ButtonName(const int at) { return m_prefix + "button" + IntegerToString(at); }
   //--- of a button that needs a second click
   string            Question(void) { return "Sure? Click"; }
   void              PutButton(const int at);
   void              PutLine(const int at);

public:
   void              Init(const string prefix);
   void              Clear(void);
   void              Button(const string text);
   //--- asks for a second click on a button, without a window that would keep the program from its orders; true: it was the second
   bool              IsSure(const int at);
   void              Unask(void);
   void              Begin(void) { m_count = 0; }
   void              Line(const string text);
   //--- every line of a text of many
   void              All(const string text) { Last(text, LB_PANEL_LINES, ""); }
   //--- the last lines of a text of many, each after `before`
   void              Last(const string text, const int most, const string before);
   void              Draw(void);
   //--- which button was pressed, from 0; -1: none. The chart keeps that for whoever asks: its event may have been heard, or
   //--- lost, and then it is looked for now and then
   int               Pressed(const bool heard);
  };

//+------------------------------------------------------------------+
void CLbPanel::Init(const string prefix)
  {
   m_prefix  = prefix;
   m_count   = 0;
   m_shown   = 0;
   m_buttons = 0;
   m_asked   = -1;
   m_asked_until = 0;
   m_looked_at   = 0;
   m_built_at    = GetTickCount64();
   //--- what a program that was ended the hard way has left, its buttons with their state
   ObjectsDeleteAll(0, m_prefix);
   if(ArrayResize(m_lines, LB_PANEL_LINES) < 0 || ArrayResize(m_drawn, LB_PANEL_LINES) < 0)
      Print("LotBridge: no memory for the panel");
  }

//+------------------------------------------------------------------+
void CLbPanel::Clear(void)
  {
   //--- a program that could not begin has no prefix, and an empty one is everything on the chart, the user's own too
   if(StringLen(m_prefix) == 0)
      return;
   ObjectsDeleteAll(0, m_prefix);
   m_shown   = 0;
   m_buttons = 0;
   m_asked   = -1;
   ChartRedraw(0);
  }

//+------------------------------------------------------------------+
void CLbPanel::Button(const string text)
  {
   if(ArrayResize(m_texts, m_buttons + 1) < 0)
     {
      Print("LotBridge: no memory for the panel");
      return;
     }
   m_texts[m_buttons] = text;
   PutButton(m_buttons);
   m_buttons++;
  }

//+------------------------------------------------------------------+
void CLbPanel::PutButton(const int at)
  {
   string name = ButtonName(at);
   ObjectCreate(0, name, OBJ_BUTTON, 0, 0, 0.0);
   ObjectSetInteger(0, name, OBJPROP_XDISTANCE, LB_PANEL_LEFT + at * (LB_PANEL_BUTTON_X + 6));
   ObjectSetInteger(0, name, OBJPROP_YDISTANCE, LB_PANEL_TOP);
   ObjectSetInteger(0, name, OBJPROP_XSIZE, LB_PANEL_BUTTON_X);
   ObjectSetInteger(0, name, OBJPROP_YSIZE, LB_PANEL_BUTTON_Y);
   string text = m_texts[at];
   if(at == m_asked)
      text = Question();
   ObjectSetString(0, name, OBJPROP_TEXT, text);
  }

//+------------------------------------------------------------------+
void CLbPanel::PutLine(const int at)
  {
   string name = LineName(at);
   int    top  = LB_PANEL_TOP;
   if(m_buttons > 0)
      top += LB_PANEL_BUTTON_Y + 8;
   ObjectCreate(0, name, OBJ_LABEL, 0, 0, 0.0);
   ObjectSetInteger(0, name, OBJPROP_XDISTANCE, LB_PANEL_LEFT);
   ObjectSetInteger(0, name, OBJPROP_YDISTANCE, top + at * LB_PANEL_STEP);
   ObjectSetInteger(0, name, OBJPROP_FONTSIZE, 9);
   ObjectSetString(0, name, OBJPROP_FONT, "Consolas");
  }

//+------------------------------------------------------------------+
bool CLbPanel::IsSure(const int at)
  {
   bool sure = (m_asked == at && GetTickCount64() < m_asked_until);
   Unask();
   if(!sure)
     {
      m_asked       = at;
      m_asked_until = GetTickCount64() + LB_PANEL_SURE_MS;
      ObjectSetString(0, ButtonName(at), OBJPROP_TEXT, Question());
      ChartRedraw(0);
     }
   return sure;
  }

//+------------------------------------------------------------------+
//| A question that was not answered is taken back                   |
//+------------------------------------------------------------------+
void CLbPanel::Unask(void)
  {
   if(m_asked >= 0)
      ObjectSetString(0, ButtonName(m_asked), OBJPROP_TEXT, m_texts[m_asked]);
   m_asked = -1;
   ChartRedraw(0);
  }

//+------------------------------------------------------------------+
void CLbPanel::Line(const string text)
  {
   if(m_count >= LB_PANEL_LINES || m_count >= ArraySize(m_lines))
      return;
   m_lines[m_count] = text;
   m_count++;
  }

//+------------------------------------------------------------------+
void CLbPanel::Last(const string text, const int most, const string before)
  {
   int starts[];
   int count = 0;
   int at    = 0;
   while(at >= 0 && at < StringLen(text))
     {
      if(ArrayResize(starts, count + 1, 64) < 0)
         return;
      starts[count] = at;
      count++;
      at = StringFind(text, "\n", at);
      if(at >= 0)
         at++;
     }
   int first = 0;
   if(count > most)
      first = count - most;
   for(int i = first; i < count; i++)
     {
      int end = StringFind(text, "\n", starts[i]);
      if(end < 0)
         end = StringLen(text);
      Line(before + StringSubstr(text, starts[i], end - starts[i]));
     }
  }

//+------------------------------------------------------------------+
void CLbPanel::Draw(void)
  {
   if(m_asked >= 0 && GetTickCount64() >= m_asked_until)
      Unask();
   bool anew = (GetTickCount64() - m_built_at >= LB_PANEL_ANEW_MS);
   if(anew)
     {
      m_built_at = GetTickCount64();
      for(int i = 0; i < m_buttons; i++)
         PutButton(i);
     }
   //--- a chart works off what it is told, and answers nothing before: only what has changed
   bool changed = anew || m_count != m_shown;
   for(int i = 0; i < m_count && i < ArraySize(m_drawn); i++)
     {
      string text = m_lines[i];
      if(StringLen(text) > LB_PANEL_WIDTH)
         text = StringSubstr(text, 0, LB_PANEL_WIDTH - 3) + "...";
      //--- a label without a text shows its own name
      if(StringLen(text) == 0)
         text = " ";
      bool is_new = (anew || i >= m_shown);
      if(is_new)
         PutLine(i);
      if(!is_new && m_drawn[i] == text)
         continue;
      ObjectSetString(0, LineName(i), OBJPROP_TEXT, text);
      m_drawn[i] = text;
      changed    = true;
     }
   for(int i = m_count; i < m_shown; i++)
      ObjectDelete(0, LineName(i));
   m_shown = m_count;
   if(changed)
      ChartRedraw(0);
  }

//+------------------------------------------------------------------+
int CLbPanel::Pressed(const bool heard)
  {
   if(!heard && GetTickCount64() - m_looked_at < LB_PANEL_LOOK_MS)
      return -1;
   m_looked_at = GetTickCount64();
   for(int i = 0; i < m_buttons; i++)
     {
      if(ObjectGetInteger(0, ButtonName(i), OBJPROP_STATE) != 0)
        {
         //--- it springs back
         ObjectSetInteger(0, ButtonName(i), OBJPROP_STATE, 0);
         return i;
        }
     }
   return -1;
  }

#endif
